#!/bin/sh
# SPDX-License-Identifier: MIT
#
# completion.sh SHELL BUILD TOOL... - the completion of these tools for bash or zsh
#
# Tables of what the tools say of themselves, and then completion.SHELL, which reads them.
set -eu
shell=$1 build=$2
shift 2

quote() { sed "s/'/'\\\\''/g"; }

case $shell in
bash)	echo 'declare -gA _ns_options _ns_operands' ;;
zsh)	printf '#compdef %s\ntypeset -gA _ns_options _ns_operands\n' "$*" ;;
esac
for tool; do
	echo "_ns_options[$tool]='$("$build/$tool" --complete | quote)'"
	echo "_ns_operands[$tool]='$("$build/$tool" --help |
		sed -n "s/^Usage: $tool \[OPTION\.\.\.\] //p" | tr -d '[]')'"
done
echo "_ns_capabilities='$(sed -n 's/^#define CAP_\([A-Z_]*\)[[:blank:]]*[0-9]*$/\1/p' \
	/usr/include/linux/capability.h | tr 'A-Z\n' 'a-z ')'"
cat "$(dirname "$0")/completion.$shell"
