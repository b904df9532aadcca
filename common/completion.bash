# shellcheck shell=bash disable=SC2046,SC2086,SC2154 # lists of words; the tables
# SPDX-License-Identifier: MIT
#
# Completion of all the tools for bash, which needs nothing else.  The Makefile puts
# tables before this: _ns_options[TOOL], lines of letter, name, value, help and choices
# from TOOL --complete; _ns_operands[TOOL] from its usage line; _ns_capabilities.

# _ns_reply WORD <LINES - those lines that begin with WORD
#
# A line may be "WORD<tab>what it is": that is shown where there are several to choose
# from, and cut off before one of them gets on the command line.
_ns_reply() {
	local line
	local -a found=()

	while IFS= read -r line; do
		[[ $line != "$1"* ]] || found+=("$line")
	done
	# Nor what menus put in (37, 42): complete(1)'s COMP_TYPE.
	if ((${#found[@]} == 1 || COMP_TYPE == 37 || COMP_TYPE == 42)); then
		found=("${found[@]%%$'\t'*}")
	fi
	# Of a word that has a colon bash replaces what is after it.
	[[ $1 != *:* || $COMP_WORDBREAKS != *:* ]] || found=("${found[@]#"${1%"${1##*:}"}"}")
	COMPREPLY+=("${found[@]//$'\t'/  }")
}

# _ns_reply_list WORD WORD... - one more for the comma-separated list that the first is
_ns_reply_list() {
	local before=

	[[ $1 != *,* ]] || before=${1%,*},
	_ns_reply "$1" < <(printf "$before%s\n" "${@:2}")
	compopt -o nospace
}

_ns_files() {
	compopt -o filenames
	_ns_reply "$2" < <(compgen "$1" -- "$2")
}

# Without kernel threads, which have no command line.
_ns_processes() {
	local dir name

	for dir in /proc/[0-9]*; do
		{ read -r -d '' name <"$dir/cmdline" && read -r name <"$dir/comm"; } 2>/dev/null ||
			continue
		printf '%s\t%s\n' "${dir##*/}" "$name"
	done
}

# Pinned sets, names of ip-netns(8), processes, and namespaces by their numbers.
_ns_references() {
	ns-list --pinned --list --raw --noheadings --output NAME 2>/dev/null | sort -u
	command ls -A /run/netns 2>/dev/null
	_ns_processes
	ns-list --list --raw --noheadings --output NS,TYPE,COMMAND 2>/dev/null | sed 's/ /\t/'
}

# _ns_value WORD KIND CHOICES - what an option or an operand of this name can be
_ns_value() {
	case $2 in
	NSREF)	_ns_reply "$1" < <(_ns_references)
		[[ $1 != *[./]* ]] || _ns_files -f "$1" ;;
	SET)	_ns_reply "$1" < <(ns-list --pinned --list --raw --noheadings --output NAME \
			2>/dev/null | sort -u) ;;
	PID)	_ns_reply "$1" < <(_ns_processes) ;;
	FILE)	_ns_files -f "$1" ;;
	DIR)	_ns_files -d "$1" ;;
	SIGNAL)	_ns_reply "$1" < <(compgen -A signal | sed -n 's/^SIG//p') ;;
	UID | USER) _ns_reply "$1" < <(compgen -u) ;;
	GID | GROUP) _ns_reply "$1" < <(compgen -g) ;;
	CAPS)	_ns_reply_list "$1" all none $_ns_capabilities ;;
	TYPES)	_ns_reply_list "$1" $(command ls /proc/self/ns | grep -v _) ;;
	COLUMNS) _ns_reply_list "$1" $(ns-list --list-columns | awk '{ print $1 }') ;;
	*)	[[ -z $3 ]] || _ns_reply "$1" < <(printf '%s\n' $3) ;;
	esac
}

# _ns_row OPTION - the value and choices of -X or --NAME as "KIND CHOICES", where it has one
_ns_row() {
	awk -F '\t' -v option="$1" 'option == "-" $1 || option == "--" $2 { print $3, $5; exit }' \
		<<<"${_ns_options[$tool]}"
}

# Options, and "NAME=" where one needs a value.
_ns_names() {
	awk -F '\t' '{ print "--" $2 ($3 ~ /^=/ ? "=" : "") "\t" $4 }' <<<"${_ns_options[$tool]}"
}

# A command that is none of ours: by bash-completion, or the names of commands and files.
_ns_command() {
	if declare -F _command_offset >/dev/null; then
		_command_offset $((COMP_CWORD - $1))
	elif (($1 == 0)); then
		_ns_reply "$cur" < <(compgen -c -- "$cur")
	else
		_ns_files -f "$cur"
	fi
}

# The words up to the cursor, which COMP_WORDS has broken at "=" and ":".
_ns_split() {
	local rest=$COMP_LINE word

	words=()
	for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
		if ((${#words[@]} == 0)) || [[ $rest == [[:blank:]]* ]]; then
			words+=("")
			while [[ $rest == [[:blank:]]* ]]; do
				rest=${rest#?}
			done
		fi
		words[-1]+=$word
		rest=${rest#"$word"}
	done
}

# Reads the words before the cursor: $tool, the last of a chain; what the next one is
# ($next: an option's row, or empty); how many operands of $operands are left.
_ns_read_words() {
	local word row

	for word in "${words[@]:1:${#words[@]}-2}"; do
		if [[ -n $next ]]; then
			next=
		elif [[ $options == yes && $word == -- ]]; then
			options=no
		elif [[ $options == yes && $word == --*=* ]]; then
			_ns_take_target "$(_ns_row "${word%%=*}")"
		elif [[ $options == yes && $word == -?* ]]; then
			# Of letters together the last may want a value.
			[[ $word == --* ]] || word=-${word: -1}
			row=$(_ns_row "$word")
			[[ $row != =* ]] || next=$row
			[[ $row != =NSREF* ]] || _ns_take_target "$row"
		else
			_ns_take_operand "$word"
		fi
	done
}

# Where an option has a target as its value, the first operand is none.
_ns_take_target() {
	[[ $1 != =NSREF* && $1 != '[=FILE]'* ]] || operands=${operands#NSREF }
}

_ns_take_operand() {
	operands=${operands# }
	[[ $tool == ns-list ]] || options=no
	case $operands in
	NSREF...*) ;;
	COMMAND* | '')
		if [[ $operands == COMMAND* && -n ${_ns_options[${1##*/}]-} ]]; then
			tool=${1##*/} options=yes operands=${_ns_operands[$tool]}
		else
			operands='' arguments=$((arguments + 1))
		fi ;;
	*)	operands=${operands#"${operands%%[ ]*}"} ;;
	esac
}

_ns_complete() {
	local tool=${1##*/} next='' options=yes arguments=0 cur operands row
	local -a words

	COMPREPLY=()
	operands=${_ns_operands[$tool]}
	_ns_split
	cur=${words[-1]}
	_ns_read_words
	operands=${operands# }
	if [[ -n $next ]]; then
		next=${next#=}
		_ns_value "$cur" "${next%% *}" "${next#* }"
	elif [[ $options == yes && $cur == --*=* ]]; then
		row=$(_ns_row "${cur%%=*}")
		row=${row#[}
		row=${row#=}
		row=${row/]/}
		_ns_value "${cur#*=}" "${row%% *}" "${row#* }"
	elif [[ $options == yes && $cur == -* ]]; then
		_ns_reply "$cur" < <(_ns_names)
		[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace
	elif ((arguments > 0)); then
		_ns_command "$arguments"
	elif [[ $operands == COMMAND* ]]; then
		_ns_command 0
	else
		operands=${operands%% *}
		_ns_value "$cur" "${operands%...}"
	fi
}

complete -F _ns_complete "${!_ns_options[@]}"
