/*
 * json.c - texts in JSON
 *
 * SPDX-License-Identifier: MIT
 */
#include "json.h"

#include "message.h"

void json_string(FILE *file, const char *text)
{
	fputc('"', file);
	while (*text != '\0') {
		size_t length = message_printable_length(text);

		if (*text == '\\')
			fputs("\\\\\\\\", file);
		else if (*text == '"')
			fputs("\\\"", file);
		else if (length == 0)
			fprintf(file, "\\\\x%02x", (unsigned char)*text);
		else
			fwrite(text, 1, length, file);
		text += length > 0 ? length : 1;
	}
	fputc('"', file);
}
