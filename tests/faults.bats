#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Bad input and faults: the rows of faults.tsv, each by one test.  That file says what
# its fields mean; here and in helpers/place.bash is what the commands in it may call
# besides programs.
# shellcheck disable=SC2317  # called by the shells of the rows
load helpers/common
load helpers/place

rows=$BATS_TEST_DIRNAME/faults.tsv

# in_full_cgroup COMMAND... - where no second process may be made
in_full_cgroup() {
	local cgroup status=0

	cgroup=$(new_pids_cgroup)
	echo 1 >"$cgroup/pids.max"
	(
		echo "$BASHPID" >"$cgroup/cgroup.procs"
		exec "$@"
	) || status=$?
	rmdir "$cgroup"
	return $status
}

# Make a cgroup that can limit its processes, below our own, and print where it is.
new_pids_cgroup() {
	local hierarchy cgroup

	for hierarchy in /sys/fs/cgroup/pids "/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)"; do
		cgroup=$hierarchy/ns-unshare-test.$BASHPID
		mkdir "$cgroup" 2>/dev/null || continue
		[ -e "$cgroup/pids.max" ] && echo "$cgroup" && return
		rmdir "$cgroup"
	done
	return 1
}

# slowly SYSCALL SHELLCODE COMMAND... - do what is said while COMMAND waits at its SYSCALL
slowly() {
	local call=$1 code=$2 tries=500
	shift 2

	strace -f -o calls -e "trace=$call" -e "inject=$call:delay_enter=1s" "$@" &
	until grep -q "$call(" calls 2>/dev/null; do
		[ $((tries--)) -gt 0 ] || return 1
		sleep 0.01
	done
	eval "$code"
	wait $!
}

# status_of COMMAND... - print it; what the shell says of signals is left out
status_of() {
	local limit
	limit=$(ulimit -c)
	ulimit -S -c 0
	{ "$@" 2>&3; } 3>&2 2>/dev/null
	echo $?
	ulimit -S -c "$limit"
}

# Print the lines read, unless they are the one that is right where descriptors are few.
only_emfile() {
	local lines
	mapfile -t lines
	[ ${#lines[@]} = 1 ] &&
		[[ ${lines[0]} =~ ^(ran|ns-(unshare|enter): cannot [^:]*: Too many open files)$ ]] ||
		printf '%s\n' "${lines[@]-nothing}"
}

# Print each combination of closed standard descriptors, as redirections.
all_closed() {
	printf '%s\n' '' '0<&-' '1>&-' '2>&-' '0<&- 1>&-' '0<&- 2>&-' '1>&- 2>&-' '0<&- 1>&- 2>&-'
}

# same_status STATUS COMMAND... - say where it ends otherwise when descriptors are closed
same_status() {
	local closed wanted=$1
	shift

	while read -r closed; do
		(eval "exec \"\$@\" $closed") </dev/null >/dev/null 2>&1
		[ $? = "$wanted" ] || echo "$closed: not $wanted"
	done < <(all_closed)
}

# same_fds TOOL... - say where a command under the tool has other descriptors than without
same_fds() {
	local closed print='echo /proc/self/fd/* >found'

	while read -r closed; do
		eval "sh -c \"\$print\" $closed"
		mv found expected
		eval "\"\$@\" sh -c \"\$print\" $closed" || echo "$closed: status $?"
		cmp -s expected found || echo "$closed: $(cat found) instead of $(cat expected)"
		rm -f found
		[ ! -e pinned ] || umount pinned
	done < <(all_closed; echo '7>seven')
}

# without_time COMMAND... - a kernel without time namespaces, as far as the tool can see
without_time() {
	strace -f -o /dev/null -P /proc/self/ns/time \
		-e 'inject=?access,faccessat,?faccessat2:error=ENOENT' filter EINVAL time "$@"
}

place_functions+=$'\n'$(declare -f in_full_cgroup new_pids_cgroup slowly status_of only_emfile \
	all_closed same_status same_fds without_time)

# The runner.

probe_pidscgroup() {
	local cgroup
	cgroup=$(new_pids_cgroup) && rmdir "$cgroup"
}

# fits PATTERN TEXT
fits() {
	[[ $1 = - && -z $2 || $1 != - && $2 =~ ^($1)$ ]]
}

# Each line that is the tool's has one of the five shapes.
misshapen() {
	grep -E '^ns-(unshare|enter): ' "$1" |
		grep -vE "^ns-[a-z]+: (cannot [^':]+( '.*')?: .+|option '-.*': .+|hint: .+; .+|(warning|note): .+)$"
	grep -E '^ns-(unshare|enter): .*\.$' "$1"
}

# answers WHO INPUT STATUS FIRST SECOND STDOUT - is this what the command does?
answers() {
	local lines out status fault=

	status=0
	in_place "$1" "$2" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
	# What a build with SAN=1 says of itself where there is no /proc.
	sed -i '/^==[0-9]*==WARNING: \|^False positive error\|\/google\/sanitizers\//d' \
		"$BATS_TEST_TMPDIR/err"
	mapfile -t lines <"$BATS_TEST_TMPDIR/err"
	read -rd '' out < <(tr -s ' \t\n' ' ' <"$BATS_TEST_TMPDIR/out")
	[ "$status" = "$3" ] || fault+=" status"
	fits "$4" "${lines[0]-}" || fault+=" first"
	fits "$5" "${lines[1]-}" || fault+=" second"
	[ ${#lines[@]} -le 2 ] || fault+=" more"
	fits "$6" "$out" || fault+=" stdout"
	[ -z "$(misshapen "$BATS_TEST_TMPDIR/err")" ] || fault+=" shape"
	[ -n "$fault" ] || return 0
	printf '%s as %s: not as it should be:%s\n  %s\n' "$id" "$1" "$fault" "$2"
	printf '  expected %s, stdout: %s, stderr:\n    %s\n    %s\n' "$3" "$6" "$4" "$5"
	printf '  came     %s, stdout: %s, stderr:\n' "$status" "$out"
	sed 's/^/    /' "$BATS_TEST_TMPDIR/err"
	return 1
}

# Print what a line requires that is not there; its words are as for requires.
unmet() {
	local need
	for need in "$@"; do
		case $need in
		cmd:*) probe_cmd "${need#cmd:}" ;;
		*) "probe_$need" ;;
		esac || echo "$need"
	done
}

# fault ROW - run all its lines, as each of those whom they are for
fault() {
	local line id who input expected first second stdout as needs absent='' ran='' failed=''

	while IFS= read -r line; do
		IFS=$'\x1f' read -r id who input expected first second stdout \
			<<<"${line//$'\t'/$'\x1f'}"
		read -r who needs <<<"$who"
		# shellcheck disable=SC2086  # words
		absent+=$(unmet $needs)
		[ -z "$absent" ] || continue
		for as in root user; do
			[ "$who" = both ] || [ "$who" = $as ] || continue
			[ $as = user ] || probe_root || continue
			ran=1
			answers $as "$input" "$expected" "$first" "$second" "$stdout" || failed=1
		done
	done < <(grep -E "^$1[a-z]*	" "$rows")
	[ -z "$failed" ]
	[ -z "$absent" ] || skip "requires: $absent"
	[ -n "$ran" ] || requires root
}

@test "U-01: ns-unshare refuses an unknown option" {
	fault U-01
}

@test "U-02: ns-unshare refuses an option without its value" {
	fault U-02
}

@test "U-03: ns-unshare refuses an ambiguous abbreviation and names the candidates" {
	fault U-03
}

@test "U-04: ns-unshare refuses a user ID above 32 bits" {
	fault U-04
}

@test "U-05: ns-unshare refuses the user ID -1" {
	fault U-05
}

@test "U-06: ns-unshare refuses a user ID that is no decimal number" {
	fault U-06
}

@test "U-07: ns-unshare refuses group IDs like user IDs" {
	fault U-07
}

@test "U-08: ns-unshare refuses to map to a user or group that does not exist" {
	fault U-08
}

@test "U-09: ns-unshare refuses a map whose numbers are out of range" {
	fault U-09
}

@test "U-10: ns-unshare refuses a map that is not three numbers" {
	fault U-10
}

@test "U-11: ns-unshare refuses maps that overlap, and names both" {
	fault U-11
}

@test "U-12: ns-unshare refuses more maps than the kernel takes" {
	fault U-12
}

@test "U-13: ns-unshare says which line a user without subordinate IDs needs" {
	fault U-13
}

@test "U-14: ns-unshare never takes another user's subordinate IDs" {
	fault U-14
}

@test "U-15: ns-unshare refuses a subordinate range that cannot be, with its line's number" {
	fault U-15
}

@test "U-16: ns-unshare says that the subordinate IDs could not be read" {
	fault U-16
}

@test "U-17: ns-unshare tells a missing newuidmap from one without its privilege" {
	fault U-17
}

@test "U-18: ns-unshare passes on what newuidmap says, and fails" {
	fault U-18
}

@test "U-19: ns-unshare says that newuidmap was killed, and does not run the command" {
	fault U-19
}

@test "U-20: ns-unshare refuses --setgroups=allow with one's own group mapped, before anything is made" {
	fault U-20
}

@test "U-21: ns-unshare refuses another word for --setgroups" {
	fault U-21
}

@test "U-22: ns-unshare refuses an ID that is not mapped" {
	fault U-22
}

@test "U-23: ns-unshare says that the command's owner is not mapped" {
	fault U-23
}

@test "U-24: ns-unshare warns of groups kept by --setuid" {
	fault U-24
}

@test "U-25: ns-unshare says which limit of 0 keeps it from a user namespace" {
	fault U-25
}

@test "U-26: ns-unshare says which limit keeps it from each other type" {
	fault U-26
}

@test "U-27: ns-unshare says that namespaces are nested too deeply" {
	fault U-27
}

@test "U-28: ns-unshare tells who lacks the privilege of a user namespace of one's own" {
	fault U-28
}

@test "U-29: ns-unshare says that a chroot keeps it from a user namespace" {
	fault U-29
}

@test "U-30: ns-unshare says which types are refused, and what to leave out" {
	fault U-30
}

@test "U-31: ns-unshare says which namespaces the kernel does not have" {
	fault U-31
}

@test "U-32: ns-unshare warns that the first child takes the PID namespace with it" {
	fault U-32
}

@test "U-33: ns-unshare warns of a proc that shows the old PID namespace" {
	fault U-33
}

@test "U-34: ns-unshare refuses a proc that the kernel would refuse, and makes nothing" {
	fault U-34
}

@test "U-35: ns-unshare names what covers /proc where that forbids another" {
	fault U-35
}

@test "U-36: ns-unshare refuses a place for proc that is none" {
	fault U-36
}

@test "U-37: ns-unshare follows a link for proc once" {
	fault U-37
}

@test "U-38: ns-unshare refuses another word for --propagation" {
	fault U-38
}

@test "U-39: ns-unshare refuses a root that is none" {
	fault U-39
}

@test "U-40: ns-unshare never leaves the root by --wd" {
	fault U-40
}

@test "U-41: ns-unshare refuses a directory that is none" {
	fault U-41
}

@test "U-42: ns-unshare needs no current directory" {
	fault U-42
}

@test "U-43: ns-unshare ends with 127 without the command" {
	fault U-43
}

@test "U-44: ns-unshare ends with 126 where the command cannot be run" {
	fault U-44
}

@test "U-45: ns-unshare names the interpreter that is missing" {
	fault U-45
}

@test "U-46: ns-unshare does not find an empty command" {
	fault U-46
}

@test "U-47: ns-unshare says that the arguments are too long" {
	fault U-47
}

@test "U-48: ns-unshare runs /bin/sh without a usable shell, and says so" {
	fault U-48
}

@test "U-49: ns-unshare ends with the command's status" {
	fault U-49
}

@test "U-50: ns-unshare ends with the command's signal" {
	fault U-50
}

@test "U-51: ns-unshare ends with 128 + the command's signal as PID 1" {
	fault U-51
}

@test "U-52: ns-unshare ends with 128 + a signal that was ignored or blocked" {
	fault U-52
}

@test "U-53: ns-unshare needs no SIGCHLD from its caller" {
	fault U-53
}

@test "U-62: ns-unshare refuses a file for a namespace that cannot be, and leaves nothing" {
	fault U-62
}

@test "U-63: ns-unshare says that a shared mount keeps a mount namespace from its file" {
	fault U-63
}

@test "U-64: ns-unshare refuses to keep a pid namespace without its first process" {
	fault U-64
}

@test "U-65: ns-unshare takes back the first file when the second fails" {
	fault U-65
}

@test "U-66: ns-unshare warns that a file keeps a namespace already" {
	fault U-66
}

@test "U-67: ns-unshare asks whether --mount FILE was meant as --mount=FILE" {
	fault U-67
}

@test "U-68: ns-unshare refuses seconds that are no number" {
	fault U-68
}

@test "U-69: ns-unshare refuses an offset that the clock cannot have, and says which it can" {
	fault U-69
}

@test "U-70: ns-unshare refuses an offset without a time namespace" {
	fault U-70
}

@test "U-71: ns-unshare refuses an owner that is not two IDs" {
	fault U-71
}

@test "U-72: ns-unshare leaves only the environment that is listed" {
	fault U-72
}

@test "U-73: ns-unshare says that an interpreter could not be registered" {
	fault U-73
}

@test "U-74: ns-unshare works or says so with few descriptors" {
	fault U-74
}

@test "U-75: ns-unshare says why there can be no more processes" {
	fault U-75
}

@test "U-77: ns-unshare leaves closed descriptors closed" {
	fault U-77
}

@test "U-78: ns-unshare says that its output could not be written" {
	fault U-78
}

@test "U-79: ns-unshare says that /proc is not mounted" {
	fault U-79
}

@test "E-01: ns-enter refuses a target that is neither a process nor a namespace" {
	fault E-01
}

@test "E-02: ns-enter refuses a number that is neither a PID nor that of a namespace" {
	fault E-02
}

@test "E-03: ns-enter takes one target" {
	fault E-03
}

@test "E-04: ns-enter needs a target" {
	fault E-04
}

@test "E-05: ns-enter enters all that differ, and refuses where nothing does" {
	fault E-05
}

@test "E-06: ns-enter says that the target is dead" {
	fault E-06
}

@test "E-07: ns-enter says that the target is a zombie" {
	fault E-07
}

@test "E-08: ns-enter says that the target is a thread" {
	fault E-08
}

@test "E-09: ns-enter answers for a kernel thread" {
	fault E-09
}

@test "E-10: ns-enter notices that the target dies before it is entered" {
	fault E-10
}

@test "E-11: ns-enter takes no ID from a dead target" {
	fault E-11
}

@test "E-13: ns-enter holds PID:INODE to the inode" {
	fault E-13
}

@test "E-14: ns-enter says what of the target was refused" {
	fault E-14
}

@test "E-15: ns-enter names the namespace that was refused, and its owner" {
	fault E-15
}

@test "E-16: ns-enter refuses one's own user namespace" {
	fault E-16
}

@test "E-18: ns-enter refuses a file that is no namespace, without waiting" {
	fault E-18
}

@test "E-19: ns-enter says of which type the file is" {
	fault E-19
}

@test "E-20: ns-enter says that the file is missing" {
	fault E-20
}

@test "E-21: ns-enter takes the file after a blank for the target" {
	fault E-21
}

@test "E-22: ns-enter takes -n=FILE and -nFILE" {
	fault E-22
}

@test "E-23: ns-enter says that no namespace has the ID or inode" {
	fault E-23
}

@test "E-24: ns-enter refuses IDs out of range" {
	fault E-24
}

@test "E-25: ns-enter warns of groups kept by --setuid" {
	fault E-25
}

@test "E-26: ns-enter leaves groups alone where setgroups is denied" {
	fault E-26
}

@test "E-27: ns-enter is inside its root" {
	fault E-27
}

@test "E-28: ns-enter refuses a root that is none" {
	fault E-28
}

@test "E-30: ns-enter refuses a directory that is none" {
	fault E-30
}

@test "E-31: ns-enter refuses --wd with --wdns" {
	fault E-31
}

@test "E-32: ns-enter leaves out variables that steer programs" {
	fault E-32
}

@test "E-33: ns-enter takes an empty or a large environment" {
	fault E-33
}

@test "E-35: ns-enter says that the cgroup cannot be joined" {
	fault E-35
}

@test "E-36: ns-enter refuses a descriptor that is no socket of the target" {
	fault E-36
}

@test "E-37: ns-enter says that a PID namespace has ended" {
	fault E-37
}

@test "E-38: ns-enter warns that the command stays outside of the PID namespace" {
	fault E-38
}

@test "E-41: ns-enter ends with the command's status" {
	fault E-41
}

@test "E-42: ns-enter says that the command exists only outside" {
	fault E-42
}

@test "E-43: ns-enter does not execute its own program" {
	fault E-43
}

@test "E-44: ns-enter leaves closed descriptors closed" {
	fault E-44
}

@test "E-46: ns-enter works or says so with few descriptors" {
	fault E-46
}

# rows_of_file FILE SEDCODE
rows_of_file() {
	sed -nE "$2" "$1" | sort
}

@test "faults.tsv: each row is run by one test of its own" {
	local in_table
	in_table=$(rows_of_file "$rows" 's/^([A-Z]-[0-9]+)[a-z]*	.*/\1/p' | uniq)
	diff <(echo "$in_table") <(rows_of_file "$BATS_TEST_FILENAME" 's/^@test "([A-Z]-[0-9]+): .*/\1/p')
	diff <(echo "$in_table") <(rows_of_file "$BATS_TEST_FILENAME" 's/^	fault ([A-Z]-[0-9]+)$/\1/p')
}

@test "faults.tsv: each line has seven fields, and its own name" {
	run awk -F '\t' '/^#/ { next } NF != 7 || seen[$1]++ || / $/ { print FILENAME ":" FNR }' "$rows"
	[ -z "$output" ]
}
