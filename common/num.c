/*
 * num.c - strict numbers: the one place where text becomes a number
 *
 * SPDX-License-Identifier: MIT
 */
#include "num.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

bool num_parse(const char *text, uint64_t max, uint64_t *number)
{
	uint64_t n = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (*text < '0' || *text > '9' || digit > max || n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*number = n;
	return true;
}

bool num_parse_id(const char *text, uint32_t *id)
{
	uint64_t n;

	if (!num_parse(text, UINT32_MAX - 1, &n))
		return false;
	*id = (uint32_t)n;
	return true;
}

/* Adds "1d12h" and the like to *total, which has no more than INT64_MAX. */
static bool parse_duration(const char *text, uint64_t *total)
{
	static const struct {
		char unit;
		uint64_t seconds;
	} units[] = { { 'w', 604800 }, { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
	char digits[24];
	uint64_t n;

	*total = 0;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]) && *text != '\0'; i++) {
		size_t length = strcspn(text, "wdhms");

		if (text[length] != units[i].unit)
			continue;
		if (length >= sizeof(digits))
			return false;
		memcpy(digits, text, length);
		digits[length] = '\0';
		if (!num_parse(digits, (INT64_MAX - *total) / units[i].seconds, &n))
			return false;
		*total += n * units[i].seconds;
		text += length + 1;
	}
	return *text == '\0';
}

bool num_parse_seconds(const char *text, int64_t *seconds)
{
	bool negative = *text == '-';
	uint64_t n;

	if (*text == '-' || *text == '+')
		text++;
	if (*text == '\0' || (!num_parse(text, INT64_MAX, &n) && !parse_duration(text, &n)))
		return false;
	*seconds = negative ? -(int64_t)n : (int64_t)n;
	return true;
}

/* signal(7), those of every architecture; the C library's own tables are not portable. */
/* clang-format off */
static const struct {
	const char *name;
	int signal;
} signals[] = {
	{ "HUP", SIGHUP },     { "INT", SIGINT },	{ "QUIT", SIGQUIT },
	{ "ILL", SIGILL },     { "TRAP", SIGTRAP },	{ "ABRT", SIGABRT },
	{ "IOT", SIGIOT },     { "BUS", SIGBUS },	{ "FPE", SIGFPE },
	{ "KILL", SIGKILL },   { "USR1", SIGUSR1 },	{ "SEGV", SIGSEGV },
	{ "USR2", SIGUSR2 },   { "PIPE", SIGPIPE },	{ "ALRM", SIGALRM },
	{ "TERM", SIGTERM },   { "CHLD", SIGCHLD },	{ "CLD", SIGCHLD },
	{ "CONT", SIGCONT },   { "STOP", SIGSTOP },	{ "TSTP", SIGTSTP },
	{ "TTIN", SIGTTIN },   { "TTOU", SIGTTOU },	{ "URG", SIGURG },
	{ "XCPU", SIGXCPU },   { "XFSZ", SIGXFSZ },	{ "VTALRM", SIGVTALRM },
	{ "PROF", SIGPROF },   { "WINCH", SIGWINCH },	{ "IO", SIGIO },
	{ "POLL", SIGIO },     { "PWR", SIGPWR },	{ "SYS", SIGSYS },
};

/* clang-format on */
static bool parse_realtime(const char *text, int *signal)
{
	bool from_end = strncasecmp(text, "RTMAX", 5) == 0;
	uint64_t offset = 0;

	if (strncasecmp(text, "RTMIN", 5) != 0 && !from_end)
		return false;
	text += 5;
	if (*text != '\0' && (*text != (from_end ? '-' : '+') ||
			      !num_parse(text + 1, (uint64_t)(SIGRTMAX - SIGRTMIN), &offset)))
		return false;
	*signal = from_end ? SIGRTMAX - (int)offset : SIGRTMIN + (int)offset;
	return true;
}

bool num_parse_signal(const char *text, int *signal)
{
	uint64_t n;

	if (num_parse(text, (uint64_t)SIGRTMAX, &n)) {
		*signal = (int)n;
		return n > 0;
	}
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (strcasecmp(text, signals[i].name) == 0) {
			*signal = signals[i].signal;
			return true;
		}
	return parse_realtime(text, signal);
}

uint64_t num_read_set(const char *hex)
{
	uint64_t set = 0;

	for (; (*hex >= '0' && *hex <= '9') || (*hex >= 'a' && *hex <= 'f'); hex++)
		set = set << 4 | (uint64_t)(*hex <= '9' ? *hex - '0' : *hex - 'a' + 10);
	return set;
}
