# SPDX-License-Identifier: MIT
#
# Completion of all the tools for zsh.  The Makefile puts "#compdef" and tables before
# this: _ns_options[TOOL], lines of letter, name, value, help and choices from
# TOOL --complete; _ns_operands[TOOL] from its usage line; _ns_capabilities.

# Without kernel threads, which have no command line.
_ns_processes() {
	local dir name
	local -a found

	for dir in /proc/<->(N); do
		{ read -r -d '' name <$dir/cmdline && read -r name <$dir/comm } 2>/dev/null &&
			found+=("${dir:t}:$name")
	done
	_describe -t processes process found
}

_ns_sets() {
	local -a found

	found=(${(fu)"$(ns-list --pinned --list --raw --noheadings --output NAME 2>/dev/null)"})
	_describe -t sets 'pinned set' found
}

_ns_references() {
	local -a names inodes

	names=(/run/netns/*(N:t))
	inodes=(${${(f)"$(ns-list --list --raw --noheadings --output NS,TYPE,COMMAND \
		2>/dev/null)"}/ /:})
	_ns_sets
	_describe -t netns 'network namespace' names
	_ns_processes
	_describe -t namespaces namespace inodes
	[[ $PREFIX != *[./]* ]] || _files
}

_ns_columns() {
	_values -s , column ${${(f)"$(ns-list --list-columns)"}/(#b) #([^ ]##) #(*)/$match[1]}
}

_ns_types() {
	_values -s , type /proc/self/ns/^*_*(:t)
}

# _ns_action KIND CHOICES - what _arguments(1) is to do for a value of this name
_ns_action() {
	case $1 in
	NSREF)		print -r _ns_references ;;
	SET)		print -r _ns_sets ;;
	PID)		print -r _ns_processes ;;
	FILE)		print -r _files ;;
	DIR)		print -r _directories ;;
	SIGNAL)		print -r _signals ;;
	UID | USER)	print -r _users ;;
	GID | GROUP)	print -r _groups ;;
	CAPS)		print -r "_values -s , capability all none $_ns_capabilities" ;;
	TYPES)		print -r _ns_types ;;
	COLUMNS)	print -r _ns_columns ;;
	*)		print -r "${2:+($2)}" ;;
	esac
}

# The options of a tool as _arguments(1) takes them, in $specs; those that want a value
# in $valued.
_ns_read_options() {
	local line letter long value help action both
	local -a field

	specs=() valued=()
	for line in "${(f)_ns_options[$1]}"; do
		field=("${(@ps:\t:)line}")
		letter=${field[1]:+-$field[1]} long=--$field[2] value=${field[3]//[\[\]=]/}
		help="[${${${field[4]//\[/\\[}//\]/\\]}//:/\\:}]"
		action="${value//:/\\:}:$(_ns_action "$value" "$field[5]")"
		both="($letter $long)"
		case $field[3] in
		'')	specs+=("$both$long$help" ${letter:+"$both$letter$help"}) ;;
		'='*)	specs+=("$both$long=$help:$action" ${letter:+"$both$letter+$help:$action"})
			valued+=($letter $long) ;;
		*)	specs+=("$both$long=-$help::$action" ${letter:+"$both$letter$help"}) ;;
		esac
	done
}

# Whether a target is given by an option, before the first operand.
_ns_has_target() {
	local word
	integer i

	for ((i = 2; i < CURRENT; i++)); do
		word=$words[i]
		[[ $word == -?* ]] || return 1
		[[ $word != (-t|--target(|=*)|-[a-zA-Z]#t|--(user|mount|uts|ipc|net|pid|cgroup|time)=*) ]] ||
			return 0
		# Of letters together the last may want a value.
		[[ $word == --* ]] || word=-$word[-1]
		((valued[(Ie)$word] == 0)) || i+=1
	done
	return 1
}

# A command, our operand of this number, is completed by itself: ours again, or another's.
_ns_command() {
	shift $(($1 - 1)) words
	((CURRENT -= $1 - 1))
	_normal
}

_ns_complete() {
	local operand
	local -a specs valued operands
	integer i=0

	_ns_read_options $service
	operands=(${=_ns_operands[$service]})
	# A target that was given by an option is no operand.
	if [[ $service == ns-enter ]] && _ns_has_target; then
		shift operands
	fi
	for operand in $operands; do
		i+=1
		case $operand in
		NSREF...) specs+=("*:namespace or process:_ns_references") ;;
		NSREF)	specs+=("${i}:namespace or process:_ns_references") ;;
		COMMAND) specs+=("(-)${i}:command: _command_names -e" "*::argument: _ns_command $i") ;;
		# A message instead would keep zsh from completing options.
		NAME)	specs+=("${i}:name:()") ;;
		esac
	done
	if [[ $service == ns-list ]]; then
		_arguments -s -S : $specs
	else
		_arguments -s -S -A '-*' : $specs
	fi
}

_ns_complete "$@"
