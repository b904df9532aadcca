#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# ns-unshare and ns-enter as parents: signals, PID 1, the terminal, the end,
# --kill-child, --init, --detach, and being ready.  Most of it is the same for both
# tools, for root and for an ordinary user.
load helpers/common
load helpers/place

# A process to be entered, in a user namespace where we are 0, made by unshare(1).
setup_file() {
	local fifo=$BATS_FILE_TMPDIR/ready
	probe_userns || return 0
	mkfifo "$fifo"
	exec 8<>"$fifo"
	unshare -rmupf subject default </dev/null >&8 2>/dev/null 3>&- 8>&- &
	TARGET_PARENT=$!
	disown $TARGET_PARENT
	read -r -t 10 <&8
	exec 8>&-
	TARGET=$(cat /proc/$TARGET_PARENT/task/$TARGET_PARENT/children)
	TARGET=${TARGET%% *}
	export TARGET TARGET_PARENT
}

teardown_file() {
	[ -z "$TARGET" ] || kill -KILL "$TARGET" "$TARGET_PARENT"
}

setup() {
	requires userns
	cd "$BATS_TEST_TMPDIR"
	tool=
	ulimit -S -c 0
	pid=-p
	probe_root || pid=-rp	# a PID namespace
	# Into the target's PID namespace, which forks; into others of its, with a fork.  The
	# mount namespace so that nothing is said of the proc.
	enter="ns-enter -t $TARGET -U -p -m"
	enter_f="ns-enter -t $TARGET -U -u -f"
	export SIGNALS_TEST=$BATS_TEST_TMPDIR
}

# What a test has left running is what has its name in the environment, and an ns-enter
# that it started, in which nobody may look.
teardown() {
	local file
	if [ -n "$tool" ] && argv0 "$tool" ns-enter; then
		kill -KILL "$tool"
	fi
	while read -r file; do
		file=${file%/environ}
		kill -KILL "${file#/proc/}" 2>/dev/null || true
	done < <(grep -lsF "SIGNALS_TEST=$BATS_TEST_TMPDIR" /proc/[0-9]*/environ)
}

probe_fuse()	{ [ -w /dev/fuse ] && grep -qw fuse /proc/filesystems; }
probe_tiocsti()	{ [ "$(cat /proc/sys/dev/tty/legacy_tiocsti 2>/dev/null || echo 1)" = 1 ]; }
# A core goes to the current directory, with this name.
probe_core()	{ [ "$(cat /proc/sys/kernel/core_pattern)" = core ] &&
	[ "$(cat /proc/sys/kernel/core_uses_pid)" = 0 ] && (ulimit -c unlimited) 2>/dev/null; }

# start COMMAND... - in the background, with signals as they are for a command in the
# foreground; its PID in $tool, what it prints in the file "printed"
start() {
	rm -f printed
	set -m
	"$@" >printed 2>&1 </dev/null 3>&- &
	tool=$!
	set +m
}

# start_ready COMMAND... - and wait until "subject" has said so
start_ready() {
	start "$@"
	wait_for grep -qx ready printed
}

# ends STATUS - what was started does so, and within a time
ends() {
	local ended=0
	wait_for gone "$tool"
	wait "$tool" || ended=$?
	echo "ended with $ended, printed: $(cat printed)"
	[ "$ended" = "$1" ]
}

children() {
	cat "/proc/$1/task/$1/children" 2>/dev/null
}

# The only child of what was started.
child() {
	local list
	read -r -a list < <(children "$tool")
	[ ${#list[@]} = 1 ] && echo "${list[0]}"
}

# The child of what was started that runs this.
child_named() { # NAME
	local pid
	for pid in $(children "$tool"); do
		if argv0 "$pid" "$1"; then
			echo "$pid"
		fi
	done
}

# The child of what was started that is PID 1.
first_process() {
	local pid
	for pid in $(children "$tool"); do
		if [ "$(inner_pid "$pid")" = 1 ]; then
			echo "$pid"
		fi
	done
}

inner_pid() {
	sed -n 's/^NSpid:.*[[:space:]]//p' "/proc/$1/status"
}

# How many children are zombies.
zombies() {
	local pid count=0
	for pid in $(children "$1"); do
		[ "$(state "$pid")" != Z ] || count=$((count + 1))
	done
	echo $count
}

# argv0 PID NAME
argv0() {
	local name
	IFS= read -r -d '' name 2>/dev/null <"/proc/$1/cmdline" || return 1
	[ "$name" = "$2" ]
}

state() {
	sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status"
}

asleep() {
	[ "$(state "$1")" = S ]
}

# idle PID - it sleeps, and there is no signal that it has not looked at
idle() {
	[ "$(sed -n '/^\(State\|SigPnd\|ShdPnd\):/p' "/proc/$1/status" | tr -d '0\n\t ')" = \
		'State:S(sleeping)SigPnd:ShdPnd:' ]
}

line_count() {
	[ "$(wc -l <"$1")" = "$2" ]
}

# gone_soon PID - within a second
gone_soon() {
	local end=$((${EPOCHREALTIME/[.,]/} + 1000000))
	until gone "$1"; do
		[ "${EPOCHREALTIME/[.,]/}" -lt $end ] || return 1
		sleep 0.01
	done
}

# tally STORM-ARGUMENT... - storm's lines, and how often each came
tally() {
	storm "$@" | sort | uniq -c | sed 's/^ *//'
}

# every_run TIMES LINE STORM-ARGUMENT... - so says storm, each time
every_run() {
	run tally -n "$1" -j 4 "${@:3}"
	echo "${*:3}: $output"
	[ "$output" = "$1 $2" ]
}

# outcome LINE STORM-ARGUMENT... - so ends storm's output, for one run
outcome() {
	run -0 storm "${@:2}"
	echo "${*:2}: $output"
	[ "${lines[-1]}" = "$1" ]
}

# on_terminal STATUS PTY-ARGUMENT... - and nothing is left behind
on_terminal() {
	run -0 storm -t 60 pty "${@:2}"
	tail -n 8 <<<"$output"
	[[ $output == *"ended with $1, left nothing" ]]
}

# only_the_peer_fails CHECK ARGUMENT... - the check passes with ns-unshare, and fails with
# the installed unshare: so it is known to see what it looks for.  It has no "run -N", as
# "if" and "||" keep a test from ending.
only_the_peer_fails() {
	only_one_fails ns-unshare unshare "$@"
}

# The same for ns-enter and the installed nsenter.
only_nsenter_fails() {
	requires cmd nsenter
	only_one_fails ns-enter nsenter "$@"
}

only_one_fails() { # OURS PEER CHECK ARGUMENT...
	local result=0
	"$3" "$1" "${@:4}"
	"$3" "$2" "${@:4}" || result=$?
	[ $result = 1 ] || { echo "$2: $result; the check may be blind"; return 1; }
}

# --- No signal is lost

@test "signals: of 2000 SIGTERMs in the first 3 ms none is lost" {
	every_run 2000 'died of 15, left nothing' -t 3 -s 15 -u 3000 ns-unshare -f subject default
}

@test "signals: of 2000 SIGTERMs in the first 3 ms of a PID namespace none is lost" {
	every_run 2000 'died of 15, left nothing' -t 3 -s 15 -u 3000 ns-unshare -rp subject default
}

@test "signals: of 2000 SIGTERMs in the first 3 ms of ns-enter none is lost" {
	# shellcheck disable=SC2086
	every_run 2000 'died of 15, left nothing' -t 3 -s 15 -u 3000 $enter subject default
}

@test "signals: at whatever time they come, with whatever options, none is lost" {
	for line in 'ns-unshare -rf' "ns-unshare $pid --kill-child" 'ns-unshare -rp --init' \
		'ns-unshare -rf --new-session --kill-child=HUP' "ns-unshare $pid --pid-file=pids" \
		'ns-unshare -rp --ready-fd=1 --init' "$enter_f" "$enter --kill-child" \
		"$enter --new-session --kill-child=HUP" "$enter --ready-fd=1 --pid-file=pids"; do
		# shellcheck disable=SC2086
		every_run 300 'died of 15, left nothing' -t 3 -s 15 -u 3000 \
			$line subject default
		[ ! -e pids ] || [ "$(wc -c <pids)" -gt 1 ]
	done
	for signal in 1 2 10 34; do
		every_run 100 "died of $signal, left nothing" -t 3 -s $signal -u 3000 \
			ns-unshare "$pid" subject default
		# shellcheck disable=SC2086
		every_run 100 "died of $signal, left nothing" -t 3 -s $signal -u 3000 \
			$enter subject default
	done
}

@test "signals: a command with a handler gets them, from its first moment on" {
	for line in 'ns-unshare -f' "ns-unshare $pid" 'ns-unshare -rp --init' "$enter"; do
		# shellcheck disable=SC2086
		run -0 tally -n 500 -j 4 -t 3 -s 15 -u 3000 $line subject handler
		echo "$line: $output"
		[ ${#lines[@]} = 2 ]
		[[ ${lines[0]} == *' died of 15, left nothing' ]]
		[[ ${lines[1]} == *' ended with 40, left nothing' ]]
	done
}

@test "signals: the installed unshare keeps SIGTERM for itself" {
	run storm -n 2 -j 2 -t 1 -s 15 -u 0 unshare -rpf subject default
	# Killed before it could block it, or hung.
	run storm -n 4 -j 4 -t 1 -s 15 -u 20000 unshare -rpf subject default
	[[ $output == *hung* ]]
}

# deaf DIR - sets pid: a target in whose mount namespace nothing in DIR is ever found
deaf() {
	unshare -Urm hang "$1" </dev/null >"pid.${1//\//.}" 2>/dev/null 3>&- &
	disown $!
	wait_for test -s "pid.${1//\//.}"
	pid=$(<"pid.${1//\//.}")
}

@test "signals: whatever the target's files keep it waiting for, SIGTERM ends it" {
	requires fuse
	local pid cases=()
	mkdir hole
	deaf "$PWD/hole"
	cases+=("$pid true" "-W$PWD/hole $pid true" "-W/ $pid $PWD/hole/x" "-W/ $pid sh")
	deaf /etc
	# Before the namespaces are joined, and when it has joined them
	cases+=("--env=clean $pid true" "--env=clean --user=/proc/$pid/ns/user --mount=/proc/$pid/ns/mnt true")
	for arguments in "${cases[@]}"; do
		for fork in '' '-f ' '--kill-child --pid-file=pid-file '; do
			# shellcheck disable=SC2086  # words
			(cd hole && PATH=$PWD:$PATH every_run 12 'died of 15, left nothing' -t 2 -s 15 -u 100000 \
				ns-enter $fork$arguments)
			[ ! -e hole/pid-file ]
		done
	done
}

@test "signals: each kind of signal reaches the command, once" {
	# HUP INT QUIT USR1 USR2 TERM CONT WINCH, and real-time ones
	for line in 'ns-unshare -f' "ns-unshare $pid" 'ns-unshare -rp --init' \
		'ns-unshare -f --forward-signals' 'ns-unshare -f --new-session' \
		"$enter" "$enter_f" "$enter --new-session"; do
		for signal in 1 2 3 10 12 15 18 28 34 50 64; do
			echo "$line, signal $signal"
			# shellcheck disable=SC2086
			start_ready $line subject count $signal
			kill -$signal $tool
			wait_for grep -qx caught printed
			if [ $signal = 10 ]; then kill -USR2 $tool; else kill -USR1 $tool; fi
			ends 0
			grep -qx 'count 1' printed
		done
	done
}

@test "signals: a real-time signal that is sent ten times comes ten times" {
	for line in "ns-unshare $pid" "$enter"; do
		# shellcheck disable=SC2086
		start_ready $line subject count 40
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			kill -40 $tool
		done
		wait_for eval '[ "$(grep -cx caught printed)" = 10 ]'
		kill -USR1 $tool
		ends 0
		grep -qx 'count 10' printed
	done
}

@test "signals: the command gets the caller's mask and dispositions" {
	for signals in '-b 10' '-b 15 -i 13' '-i 2' '-i 20' '-b 64 -i 1'; do
		# shellcheck disable=SC2086
		own=$(storm $signals grep '^Sig[BI]' /proc/self/status)
		for line in ns-unshare 'ns-unshare -f' "ns-unshare $pid" 'ns-unshare -rp --init' \
			'ns-unshare -rf --kill-child' 'ns-unshare -f --wait-fd=0' \
			"${enter_f% -f}" "$enter_f" "$enter_f --kill-child --wait-fd=0"; do
			# shellcheck disable=SC2086
			run -0 storm $signals $line grep '^Sig[BI]' /proc/self/status </dev/null
			echo "$signals $line: $output, not $own"
			[ "$output" = "$own" ]
		done
	done
}

@test "signals: what the terminal sends to its whole foreground group comes once" {
	for line in 'ns-unshare -f' "ns-unshare $pid" 'ns-unshare -f --new-session' "$enter" \
		"$enter --new-session"; do
		# shellcheck disable=SC2086
		on_terminal 0 'expect:ready' 'repeat:100' 'send:\003' 'expect:caught' end \
			'run:kill -USR1 $PTY_PID' -- $line subject count 2
		[[ $output == *'count 100'* ]]
	done
}

# --- PID 1, and a process that ns-enter has made in a PID namespace

@test "signals: a PID 1 that waits for SIGTERM in one way or another gets it" {
	for mode in 'handler 40' 'signalfd 41' 'sigwait 42'; do
		for line in "ns-unshare $pid" "$enter"; do
			# shellcheck disable=SC2086
			start_ready $line subject "${mode% *}"
			wait_for asleep "$(child)"
			kill -TERM $tool
			ends "${mode#* }"
		done
	done
}

@test "signals: a PID 1 that ignores SIGTERM goes on" {
	for line in "ns-unshare $pid" "$enter"; do
		# shellcheck disable=SC2086
		start_ready $line subject ignore
		kill -TERM $tool
		wait_for idle $tool
		[ "$(state "$(child)")" = S ]
		kill -USR1 $tool
		ends 43
		grep -qx alive printed
	done
}

# nsenter is ended alone.
no_orphan() { # TOOL OPTIONS SIGNAL
	local command
	# shellcheck disable=SC2086
	start_ready $1 $2 subject default
	command=$(child)
	kill -"$3" $tool
	wait_for gone $tool
	gone_soon "$command"
}

@test "signals: ns-enter ended by a signal leaves no orphan" {
	for signal in TERM HUP INT QUIT USR1; do
		no_orphan ns-enter "${enter#* }" $signal
	done
	only_nsenter_fails no_orphan "-t $TARGET -U -p --preserve-credentials" TERM
}

@test "signals: a PID 1 from which the kernel would keep a signal is ended by it" {
	for signal in 1 2 3 14 15 34; do
		start_ready ns-unshare "$pid" subject default
		command=$(child)
		kill -$signal $tool
		ends $((128 + signal))
		wait_for gone "$command"
		# shellcheck disable=SC2086
		start_ready $enter subject default
		command=$(child)
		kill -$signal $tool
		ends $((128 + signal))
		wait_for gone "$command"
	done
	start ns-unshare "$pid" sleep 100
	wait_for eval 'argv0 "$(child)" sleep'
	kill -TERM $tool
	ends 143
}

@test "signals: a PID 1 is not ended by a signal that ends nobody" {
	for line in "ns-unshare $pid" "$enter"; do
		# shellcheck disable=SC2086
		start_ready $line subject default
		for signal in WINCH URG CONT CHLD; do
			kill -$signal $tool
			wait_for idle $tool
			asleep "$(child)"
		done
		kill -TERM $tool
		ends 143
	done
}

# --- The terminal

# The tool dies of it, too: else the shell would go on.
ends_by_key() { # TOOL OPTIONS KEY STATUS
	run storm -t 10 pty within:1 'expect:ready' "send:$3" -- \
		bash -c "$1 $2 subject default; echo went on"
	echo "$output"
	[[ $output == *"ended with $4, left nothing" && $output != *'went on'* ]]
}

@test "signals: ^C ends a PID 1 that does not care, and a shell's list with it" {
	only_the_peer_fails ends_by_key -rpf '\003' 130
	ends_by_key ns-unshare "$pid" '\003' 130
	ends_by_key ns-unshare -f '\003' 130
	ends_by_key ns-unshare '-rp --init' '\003' 130
	ends_by_key ns-enter "${enter#* }" '\003' 130
}

# While all signals are held, which the delay makes longer.
@test "signals: ^C before there is a command is not lost" {
	requires cmd strace
	for line in "setns $enter" "setns $enter -F" 'unshare ns-unshare -f --user -r'; do
		# shellcheck disable=SC2086
		run -130 pty 'run:until grep -qz "Name:.ns-.*SigBlk:.[0-9a-f]*ffff" /proc/$PTY_PID/status; do :; done' \
			'send:\003' -- strace -DDD -qq -o trace -e trace=${line%% *} \
			-e inject=${line%% *}:delay_enter=1000000:when=1 ${line#* } sleep 10
	done
}

@test "signals: ^\\ ends a PID 1 that does not care" {
	for line in "ns-unshare $pid" "$enter"; do
		# shellcheck disable=SC2086
		on_terminal 131 'expect:ready' 'send:\034' -- $line subject default
	done
}

@test "signals: when the terminal hangs up, tool and command are gone" {
	for line in 'ns-unshare -f' "ns-unshare $pid" "$enter"; do
		rm -f tool
		# shellcheck disable=SC2086
		start pty 'expect:ready' 'run:echo $PTY_PID >tool' 'expect:never' -- \
			$line subject default
		wait_for test -s tool
		terminal=$tool tool=$(cat tool)
		command=$(child)
		kill -KILL "$terminal"
		wait_for gone "$tool"
		wait_for gone "$command"
	done
}

# hundred_stops TOOL-AND-OPTIONS SHELL... - on one CPU, where the order is hardest
hundred_stops() {
	on_terminal 0 'expect:$ ' "send:$1 subject continued\n" 'expect:ready' \
		'repeat:100' 'send:\032' 'expect:$ ' 'send:fg\n' 'expect:went on' end \
		'send:\003' 'expect:$ ' 'send:echo rc=$?\n' 'expect:rc=130' 'send:exit\n' -- \
		taskset -c 0 env PS1='$ ' "${@:2}"
	[ "$(grep -ciE 'stopped|suspended' <<<"$output")" = 100 ]
	[ "$(grep -c 'went on' <<<"$output")" -ge 100 ]
}

@test "signals: from bash, ^Z and fg stop and continue a command, a hundred times" {
	for line in 'ns-unshare -f' "ns-unshare $pid" 'ns-unshare -rp --init' "$enter"; do
		hundred_stops "$line" bash --norc --noediting -i
	done
}

@test "signals: from dash, ^Z and fg stop and continue a command, a hundred times" {
	requires cmd dash
	for line in 'ns-unshare -f' "ns-unshare $pid" 'ns-unshare -rp --init' "$enter"; do
		hundred_stops "$line" dash -i
	done
}

@test "signals: from zsh, ^Z and fg stop and continue a command, a hundred times" {
	requires cmd zsh
	for line in 'ns-unshare -f' "ns-unshare $pid" 'ns-unshare -rp --init' "$enter"; do
		hundred_stops "$line" zsh -f -i +Z
	done
}

# In "both": both processes of the shell's job come to this state.
stops_and_goes_on() { # TOOL OPTIONS
	cat >both <<-'END'
	#!/bin/sh
	read tool _ <"/proc/$PTY_PID/task/$PTY_PID/children"
	read command _ <"/proc/$tool/task/$tool/children"
	for i in $(seq 50); do
		[ "$(cat "/proc/$tool/status" "/proc/$command/status" | grep -c "^State:.$1")" = 2 ] &&
			exit
		sleep 0.02
	done
	exit 1
	END
	chmod +x both
	run storm -t 30 pty within:3 'expect:$ ' "send:$1 $2 subject continued\n" 'expect:ready' \
		'send:\032' 'expect:Stopped' 'expect:$ ' 'run:./both T' \
		'send:bg\n' 'expect:went on' 'run:./both S' \
		'send:kill -STOP %1\n' 'expect:$ ' 'run:./both T' 'send:jobs\n' 'expect:Stopped' \
		'send:fg\n' 'expect:went on' 'run:./both S' 'send:\003' 'expect:$ ' \
		'send:exit\n' -- env PS1='$ ' bash --norc --noediting -i
	echo "$output"
	[[ $output == *'ended with '[0-9]*', left nothing' && $output != *'ended with 124'* ]]
}

@test "signals: both stop by ^Z, both go on by bg, both stop and go on again" {
	stops_and_goes_on ns-unshare -f
	stops_and_goes_on ns-unshare -rp
	stops_and_goes_on ns-enter "${enter#* }"
}

@test "signals: the installed unshare stops alone in a PID namespace" {
	if stops_and_goes_on unshare -rpf; then false; fi
}

# It stops once more when it was continued, most times.
@test "signals: the installed nsenter stops again in a PID namespace" {
	requires cmd nsenter
	for _ in 1 2 3 4 5 6 7 8; do
		stops_and_goes_on nsenter "-t $TARGET -U -p --preserve-credentials" || return 0
	done
	false
}

@test "signals: a command that stops itself stops the tool, for the shell to see" {
	for line in 'ns-unshare -rf' "$enter"; do
		on_terminal 0 'expect:$ ' "send:$line sh -c 'kill -STOP \$\$; echo went on'\n" \
			'expect:Stopped' 'expect:$ ' 'send:fg\n' 'expect:fg' 'expect:went on' \
			'expect:$ ' 'send:exit\n' -- env PS1='$ ' bash --norc --noediting -i
	done
}

# A script runs an interactive shell, and then reads from the terminal.
gives_terminal_back() { # TOOL OPTIONS
	echo "PS1='inside '" >rc
	printf '%s\n' "$1 $2 bash --rcfile rc --noediting -i" 'echo after' 'read -r line' \
		'echo "got $line"' >script
	run storm -t 20 pty within:3 'expect:$ ' 'send:sh script\n' 'expect:inside ' \
		'send:exit\n' 'expect:after' 'send:this\n' 'expect:got this' 'expect:$ ' \
		'send:exit\n' -- env PS1='$ ' bash --norc --noediting -i
	echo "$output"
	[[ $output == *'ended with 0, left nothing' ]]
}

@test "signals: after an interactive shell in a PID namespace the terminal is the caller's" {
	only_the_peer_fails gives_terminal_back -rpf
	gives_terminal_back ns-unshare '-rp --init'
	gives_terminal_back ns-unshare '-rp --kill-child'
	gives_terminal_back ns-unshare -f
	only_nsenter_fails gives_terminal_back "-t $TARGET -U -p --preserve-credentials"
	gives_terminal_back ns-enter "${enter#* } --kill-child"
}

# --- The end

# The command dies of the signal, the tool too.
@test "signals: the tool dies of the signal that its command died of" {
	for signal in 1 2 3 6 9 11 14 15 34 64; do
		outcome "died of $signal, left nothing" ns-unshare -f subject die $signal
		outcome "died of $signal, left nothing" ns-unshare -rp --init subject die $signal
		# shellcheck disable=SC2086
		outcome "died of $signal, left nothing" $enter subject die $signal
	done
}

@test "signals: as PID 1, too, the status of a command that died is 128+n" {
	for signal in 1 2 3 6 9 11 14 15 34 64; do
		outcome "ended with $((128 + signal)), left nothing" \
			ns-unshare -rp ns-unshare -f subject die $signal
	done
	outcome 'ended with 143, left nothing' ns-unshare -rp ns-unshare -f sh -c 'kill -TERM $$'
	# An ordinary user's PID 1 is in a user namespace beside the target's.
	if probe_root; then
		for signal in 9 15 34; do
			outcome "ended with $((128 + signal)), left nothing" \
				unshare -pf ns-enter --uts="/proc/$TARGET/ns/uts" -f subject die $signal
		done
	fi
}

@test "signals: with the signal blocked or ignored on entry, too" {
	for signal in 1 2 13 15 34; do
		for entry in -b -i; do
			run -$((128 + signal)) timeout -k 1 5 sh -c "storm $entry $signal bash -c '
				ns-unshare -f subject die $signal; exit \$?' | tail -n 1 >how
				read -r _ _ status <how; exit \${status%,*}"
			outcome "ended with $((128 + signal)), left nothing" $entry $signal \
				ns-unshare -rp ns-unshare -f subject die $signal
			for line in 'ns-unshare -f' "$enter"; do
				# shellcheck disable=SC2086
				run -0 storm $entry $signal $line subject die $signal
				[[ ${lines[-1]} == "died of $signal,"* ||
					${lines[-1]} == "ended with $((128 + signal)),"* ]]
			done
		done
	done
}

@test "signals: the command's own statuses are the tool's" {
	for status in 0 1 42 124 125 126 127 128 143 255; do
		outcome "ended with $status, left nothing" ns-unshare -f sh -c "exit $status"
		outcome "ended with $status, left nothing" ns-unshare "$pid" sh -c "exit $status"
		# shellcheck disable=SC2086
		outcome "ended with $status, left nothing" $enter sh -c "exit $status"
	done
}

leaves_the_core() { # TOOL OPTIONS
	rm -f core
	(
		ulimit -c unlimited
		# shellcheck disable=SC2086
		timeout -k 1 5 $1 $2 subject die 11
	) || true
	ls -l core
	grep -aq 'subject die 11' core && ! grep -aq -e "$1 $2 subject die" core
}

@test "signals: the command's core is not overwritten" {
	requires core
	only_the_peer_fails leaves_the_core -f
	only_nsenter_fails leaves_the_core "-t $TARGET -U -p --preserve-credentials"
}

@test "signals: SIGCHLD ignored or blocked on entry does no harm" {
	for entry in -i -b; do
		for line in 'ns-unshare -f' "ns-unshare $pid" 'ns-unshare -rp --init' \
			'ns-unshare -rf --kill-child' "$enter"; do
			# shellcheck disable=SC2086
			outcome 'ended with 7, left nothing' $entry 17 $line sh -c 'exit 7'
		done
	done
	outcome 'died of 15, left nothing' -i 17 ns-unshare -f subject die
}

@test "signals: children from before are not taken for the command" {
	mkfifo begun over
	for line in 'ns-unshare -f' "ns-unshare $pid" 'ns-unshare -rp --init' \
		'ns-unshare -f --pid-file=pids' "$enter"; do
		# One has ended before, one ends while the command runs, one later.
		# shellcheck disable=SC2086
		start bash -c '
			(exit 9) &
			(echo $BASHPID >second; read -r _ <begun; exit 9) &
			sleep 100 &
			exec "$@" sh -c "echo >begun; echo ready; read -r _ <over; exit 7"' \
			bash $line
		wait_for grep -qx ready printed
		wait_for eval '[ "$(state "$(cat second)")" = Z ]'
		echo >over
		ends 7
	done
}

@test "signals: every helper is waited for" {
	for line in 'ns-unshare -f' 'ns-unshare -rf' "ns-unshare $pid" \
		'ns-unshare -rf --kill-child' 'ns-unshare -rp --kill-child' 'ns-unshare -rp --init' \
		'ns-unshare -rp --init --kill-child' 'ns-unshare -rf --ready-fd=2' \
		'ns-unshare -rp --pid-file=pids --new-session' "$enter" "$enter_f --kill-child" \
		"$enter --ready-fd=2" "$enter --pid-file=pids --new-session" "$enter --mount-proc"; do
		if [[ $line == *--mount-proc ]] && ! probe_proc; then continue; fi
		# shellcheck disable=SC2086
		outcome 'ended with 0, left nothing' $line true
		# shellcheck disable=SC2086
		outcome 'ended with 127, left nothing' $line /no/such/command
		# shellcheck disable=SC2086
		outcome 'ended with 125, left nothing' $line --root=/no/such/dir true
	done
	# What remains outside for a moment, whether the tool becomes the command or waits.
	if probe_root; then
		for options in '' -f --kill-child --init; do
			# shellcheck disable=SC2086
			outcome 'ended with 0, left nothing' ns-unshare $options \
				--map-users=0:100000:10 --map-groups=0:100000:10 true
			# shellcheck disable=SC2086
			outcome 'ended with 0, left nothing' ns-unshare $options --owner=65534:65534 true
		done
	fi
}

# --- When the tool is killed

# The check: the command is gone within a second.
takes_its_child_along() { # TOOL OPTION...
	local command
	start_ready "$@" subject default
	command=$(child_named subject)
	kill -KILL $tool
	wait $tool || true
	gone_soon "$command"
}

@test "signals: --kill-child takes the command along, with -p, -S and -G too" {
	takes_its_child_along ns-unshare --kill-child
	takes_its_child_along ns-unshare "$pid" --kill-child
	takes_its_child_along ns-unshare -rf -S 0 --kill-child
	takes_its_child_along ns-unshare -rp -S 0 --init --kill-child
	# shellcheck disable=SC2086
	takes_its_child_along $enter --kill-child
	# shellcheck disable=SC2086
	takes_its_child_along $enter_f -S 0 --kill-child
	if probe_proc; then
		takes_its_child_along ns-unshare -rp --mount-proc --kill-child
	fi
	if probe_root; then
		takes_its_child_along ns-unshare -G 65534 --kill-child
		takes_its_child_along ns-enter -t "$TARGET" -p -u -G 65534 -S 65534 --kill-child
		takes_its_child_along ns-unshare -p -G 65534 -S 65534 --mount-proc --kill-child
		only_the_peer_fails takes_its_child_along -f --kill-child -S 65534
	fi
}

# In the peer, PID 1 does not get the signal.
@test "signals: --kill-child=TERM ends a PID 1 that does not care" {
	only_the_peer_fails takes_its_child_along -rpf --kill-child=TERM
	only_the_peer_fails takes_its_child_along -rpf --kill-child=USR1
}

@test "signals: --kill-child=SIGNAL sends that signal to a command that is no PID 1" {
	for line in 'ns-unshare -f' 'ns-unshare -rf --new-session' "$enter"; do
		# shellcheck disable=SC2086
		start_ready $line --kill-child=USR2 subject count 12
		command=$(child_named subject)
		kill -KILL $tool
		wait_for grep -qx caught printed
		kill -USR1 "$command"
		wait_for grep -qx 'count 1' printed
	done
}

# PDEATHSIG is forgotten when such a program is executed.
@test "signals: --kill-child takes a set-user-ID program along" {
	requires root
	run in_place root '
		cp "$(command -v sleep)" /mnt/sleep
		chmod 4755 /mnt/sleep
		for tool in ns-unshare unshare; do
			as_user storm -n 20 -j 4 -s 9 -u 40000 $tool -f --kill-child /mnt/sleep 100 |
				sed "s/^/$tool: /"
		done'
	echo "$output"
	[ "$(grep -c '^ns-unshare: died of 9, left nothing$' <<<"$output")" = 20 ]
	grep -q '^unshare: died of 9, left /mnt/sleep$' <<<"$output"
}

@test "signals: the tool killed at 2000 moments leaves exactly the command, or nothing" {
	run -0 tally -n 2000 -j 4 -s 9 -u 4000 -c subject -N pid ns-unshare -rp subject handler
	echo "$output"
	[ ${#lines[@]} = 2 ]
	[[ ${lines[0]} == *' died of 9, left nothing' ]]
	[[ ${lines[1]} == *' died of 9, left subject' ]]
	[ $((${lines[0]%% *} + ${lines[1]%% *})) = 2000 ]
}

@test "signals: ns-enter killed at 1000 moments leaves exactly the command, or nothing" {
	# shellcheck disable=SC2086
	run -0 tally -n 1000 -j 4 -s 9 -u 4000 -c subject -N pid $enter subject handler
	echo "$output"
	[ ${#lines[@]} = 2 ]
	[[ ${lines[0]} == *' died of 9, left nothing' ]]
	[[ ${lines[1]} == *' died of 9, left subject' ]]
	[ $((${lines[0]%% *} + ${lines[1]%% *})) = 1000 ]
}

@test "signals: the tool killed at 2000 moments leaves nothing with --kill-child" {
	every_run 2000 'died of 9, left nothing' -s 9 -u 4000 \
		ns-unshare -rp --kill-child subject handler
	# shellcheck disable=SC2086
	every_run 1000 'died of 9, left nothing' -s 9 -u 4000 $enter --kill-child subject handler
}

@test "signals: the tool killed at 2000 moments leaves nothing with --init" {
	every_run 2000 'died of 9, left nothing' -s 9 -u 4000 ns-unshare -rp --init subject handler
}

@test "signals: the tool killed while it waits leaves nothing, with whatever options" {
	mkfifo never
	for line in 'ns-unshare -rf --kill-child' 'ns-unshare -rp --init --kill-child' \
		'ns-unshare -rp --kill-child --new-session' 'ns-unshare -f --wait-fd=8' \
		'ns-unshare -rp --wait-fd=8' 'ns-unshare -rp --init --wait-fd=8' \
		'ns-unshare -rd --wait-fd=8' "$enter_f --kill-child --new-session" \
		"$enter --wait-fd=8" "$enter -d --wait-fd=8"; do
		# shellcheck disable=SC2086
		every_run 200 'died of 9, left nothing' -s 9 -u 4000 $line subject handler 8<>never
	done
}

# The soak of all signals, and a uid that is changed.
@test "signals: of 400 commands that were ended in some way nothing is left" {
	options=(-p --kill-child -G 65534 -S 65534)
	probe_root || options=(-rp --kill-child -S 0)
	run -0 tally -n 400 -j 8 -s 1,2,9,15 -u 20000 ns-unshare "${options[@]}" sleep 100
	echo "$output"
	[ ${#lines[@]} = 4 ]
	[ "$(grep -c ' died of [0-9]*, left nothing$' <<<"$output")" = 4 ]
}

ends_with_timeout() { # TOOL
	local begun=${EPOCHREALTIME/[.,]/}
	run storm -t 10 timeout --foreground 1 "$@" sleep 4
	echo "$output after $((${EPOCHREALTIME/[.,]/} - begun)) us"
	[ "${lines[-1]}" = 'ended with 124, left nothing' ] &&
		[ $((${EPOCHREALTIME/[.,]/} - begun)) -lt 3000000 ]
}

@test "signals: timeout ends a command in a PID namespace in time, and leaves nothing" {
	only_the_peer_fails ends_with_timeout -rpf
	ends_with_timeout ns-unshare "$pid"
	ends_with_timeout ns-unshare -f
	# shellcheck disable=SC2086
	ends_with_timeout $enter
	only_nsenter_fails ends_with_timeout -t "$TARGET" -U -p --preserve-credentials
}

# --- A PID 1 of ours

@test "signals: with --init PID 1 is a reaper, the command PID 2" {
	start_ready ns-unshare -rp --init subject default
	command=$(child_named subject)
	init=$(first_process)
	[ "$(inner_pid "$command")" = 2 ]
	[ "$(ns pid "$init")" = "$(ns pid "$command")" ]
	[ "$(ns pid "$command")" != "$(ns pid)" ]
	# It keeps nothing open that the caller may wait for.
	for fd in 0 1 2; do
		[ "$(readlink "/proc/$init/fd/$fd")" = /dev/null ]
	done
	if readlink "/proc/$init/fd/"* | grep printed; then false; fi
	kill -TERM $tool
	ends 143
	wait_for gone "$init"
}

@test "signals: --init implies --pid" {
	if probe_root; then root=(); else root=(-r); fi
	outcome 'ended with 2, left nothing' ns-unshare "${root[@]}" --init sh -c 'exit $$'
}

# orphans_left OPTION... - of 20 orphans that ended, so many remain
orphans_left() {
	local init

	start_ready ns-unshare "$@" sh -c '
		for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
			(sleep 100 &)
		done
		exec subject default'
	init=$(first_process)
	wait_for eval '[ "$(children $init | wc -w)" = 20 ]'
	# shellcheck disable=SC2046
	kill -KILL $(children "$init")
	wait_for eval '[ "$(zombies $init)" = "$(children $init | wc -w)" ]'
	if [[ $* == *--init* ]]; then
		wait_for eval '[ -z "$(children $init)" ]'
	fi
	zombies "$init" >left
	kill -TERM $tool
	ends 143
}

@test "signals: with --init 20 orphans leave no zombie; a PID 1 that does not wait, 20" {
	orphans_left -rp --init
	[ "$(cat left)" = 0 ]
	orphans_left -rp
	[ "$(cat left)" = 20 ]
}

@test "signals: a signal for PID 1 is the command's, with --init" {
	start_ready ns-unshare -rp --init subject handler
	kill -TERM "$(first_process)"
	ends 40
	outcome 'ended with 9, left nothing' ns-unshare -rp --init sh -c '
		trap "exit 9" HUP
		sleep 100 &
		kill -HUP 1
		wait'
}

@test "signals: --init ends as the command ends, and the rest with it" {
	outcome 'ended with 7, left nothing' ns-unshare -rp --init sh -c 'sleep 100 & exit 7'
	outcome 'died of 15, left nothing' ns-unshare -rp --init sh -c 'sleep 100 & kill $$'
	outcome 'ended with 3, left nothing' ns-unshare -rp --init sh -c '
		(trap "" TERM HUP; exec sleep 100) & setsid sleep 100 & exit 3'
	# Seen to be able to fail:
	outcome 'ended with 7, left sleep' -c sleep ns-unshare -f sh -c 'sleep 100 & exit 7'
}

# --- Detached

# detach TOOL OPTION... COMMAND... - its PID in $command.  Not by "run", for which a command
# that holds its pipe open never ends.
detach() {
	timeout -k 1 5 "$@" >pid 2>err </dev/null 3>&-
	command=$(cat pid)
	[[ $command =~ ^[0-9]+$ ]]
}

@test "signals: -d prints the PID of the command, which runs by then" {
	for line in 'ns-unshare -rd' 'ns-unshare -rd --init' 'ns-unshare -d --pid-file=pids' \
		'ns-unshare -rd --ready-fd=2' "$enter -d" "$enter_f -d --pid-file=pids"; do
		for _ in 1 2 3 4 5; do
			# shellcheck disable=SC2086
			detach $line subject default
			argv0 "$command" subject
			kill "$command"
		done
	done
}

@test "signals: -d leaves the command alone, in its namespaces" {
	outcome 'ended with 0, left subject' -c subject -N user ns-unshare -rd subject default
	outcome 'ended with 0, left subject' -c subject -N pid ns-unshare -rpd subject default
	# shellcheck disable=SC2086
	outcome 'ended with 0, left subject' -c subject -N pid $enter -d subject default
	# shellcheck disable=SC2086
	detach $enter -d subject default
	[ "$(ns pid "$command") $(ns user "$command")" = "$(ns pid "$TARGET") $(ns user "$TARGET")" ]
	kill "$command"
	detach ns-unshare -rpd subject default
	[ "$(inner_pid "$command")" = 1 ]
	kill -KILL "$command"
	detach ns-unshare -rd --init subject default
	[ "$(inner_pid "$command")" = 2 ]
	kill "$command"
}

@test "signals: -d gives the command a session and /dev/null" {
	for line in 'ns-unshare -rd' "$enter -d"; do
		# shellcheck disable=SC2086
		detach $line subject default
		for fd in 0 1 2; do
			[ "$(readlink "/proc/$command/fd/$fd")" = /dev/null ]
		done
		read -r _ _ _ _ group session terminal _ <"/proc/$command/stat"
		[ "$group $session $terminal" = "$command $command 0" ]
		kill "$command"
	done
}

@test "signals: --log gets what the detached command prints, after what is there" {
	for line in 'ns-unshare -r' "$enter_f"; do
		echo before >log
		# shellcheck disable=SC2086
		detach $line -d --log=log sh -c 'echo out; echo err >&2; readlink /proc/self/fd/0'
		wait_for gone "$command"
		wait_for line_count log 4
		[ "$(cat log)" = $'before\nout\nerr\n/dev/null' ]
		# shellcheck disable=SC2086
		run -125 --separate-stderr $line --log=log true
		[ "$stderr" = "${line%% *}: option '--log': needs '--detach'" ]
	done
}

@test "signals: -d that fails prints why, ends with that status, and leaves nothing" {
	fails() { # STATUS MESSAGE ARGUMENT...
		run -"$1" --separate-stderr timeout -k 1 5 "${@:3}"
		echo "$stderr"
		[ -z "$output" ]
		[[ ${stderr_lines[0]} == "$3: cannot "$2* ]]
		outcome "ended with $1, left nothing" "${@:3}"
	}
	: >script
	for line in 'ns-unshare -rd' 'ns-unshare -rpd' 'ns-unshare -rd --init' \
		'ns-unshare -rd --pid-file=pids' "$enter -d" "$enter_f -d --pid-file=pids"; do
		# shellcheck disable=SC2086
		fails 127 "find command 'no-such'" $line no-such
		# shellcheck disable=SC2086
		fails 126 "execute './script': Permission denied" $line ./script
		# shellcheck disable=SC2086
		fails 125 "*'/no/such'" $line --root=/no/such true
		# shellcheck disable=SC2086
		fails 125 "write to '/no/such/log'" $line --log=/no/such/log true
		[ ! -e pids ]
	done
}

@test "signals: -d that cannot print the PID fails, and leaves nothing" {
	for line in 'ns-unshare -rd' 'ns-unshare -rpd' 'ns-unshare -rd --init' \
		'ns-unshare -rd --wait-fd=0' "$enter -d"; do
		run -0 --separate-stderr storm sh -c "timeout -k 1 5 \
			$line subject default >/dev/full </dev/null; echo ended with \$?"
		echo "$output $stderr"
		[ "${lines[0]}" = 'ended with 125' ]
		[ "${lines[1]}" = 'ended with 0, left nothing' ]
		[[ $stderr == "${line%% *}: cannot write 'standard output': No space left on device" ]]
	done
}

@test "signals: -d excludes --no-fork and --kill-child" {
	for other in 'ns-unshare --no-fork' 'ns-unshare -F' 'ns-unshare --kill-child' \
		'ns-unshare --kill-child=TERM' "$enter -F" "$enter --kill-child"; do
		# shellcheck disable=SC2086
		run -125 --separate-stderr $other -d true
		[[ ${stderr_lines[0]} =~ ^ns-[a-z]*:\ option\ \'--.*\':\ . ]]
		[[ $stderr == *"--detach'"* ]]
		[[ $stderr == *"--no-fork'"* || $stderr == *"--kill-child'"* ]]
		[ -z "$output" ]
	done
}

@test "signals: -d holds nothing open that a command substitution waits for" {
	timeout -k 1 5 sh -c 'p=$(ns-unshare -d sleep 60); kill $p' 2>err 3>&-
	timeout -k 1 5 sh -c 'p=$(ns-unshare -rd --init sleep 60); kill $p' 2>err 3>&-
	timeout -k 1 5 sh -c 'p=$(ns-unshare -rpd sleep 60); kill -KILL $p' 2>err 3>&-
	timeout -k 1 5 sh -c "p=\$($enter -d sleep 60); kill \$p" 2>err 3>&-
}

@test "signals: -d --init: with the command the namespace ends" {
	detach ns-unshare -rd --init sh -c 'sleep 100 & exec subject default'
	pidns=$(ns pid "$command")
	in_namespace() { readlink /proc/[0-9]*/ns/pid 2>/dev/null | grep -cxF "$pidns"; }
	wait_for eval '[ "$(in_namespace)" = 3 ]'
	kill "$command"
	wait_for eval '[ "$(in_namespace)" = 0 ]'
}

# --- Ready

# The fields of a ready line; the namespaces by the names of their links in $inode
parse_ready() { # LINE
	local fields field
	echo "$1"
	[[ $1 =~ ^\{\"pid\":([0-9]+),\"inner_pid\":([0-9]+),\"ns\":\{(.*)\}\}$ ]]
	command=${BASH_REMATCH[1]} inner=${BASH_REMATCH[2]} fields=${BASH_REMATCH[3]}
	declare -gA inode=()
	IFS=, read -r -a fields <<<"$fields"
	for field in "${fields[@]}"; do
		[[ $field =~ ^\"([a-z]+)\":([0-9]+)$ ]]
		inode[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
	done
}

@test "signals: --ready-fd tells the PIDs and the namespaces, then that it was executed" {
	for line in 'ns-unshare -U' 'ns-unshare -rmuinpC' 'ns-unshare -rmu --init' "$enter" \
		"$enter_f"; do
		: >told
		# shellcheck disable=SC2086
		start_ready $line --ready-fd=5 subject default 5>>told
		wait_for line_count told 2
		parse_ready "$(head -n 1 told)"
		[ "$(tail -n 1 told)" = '{"exec":true}' ]
		[ "$command" = "$(child_named subject)" ]
		[ "$inner" = "$(inner_pid "$command")" ]
		[ ${#inode[@]} = "$(find /proc/self/ns -type l ! -name '*_for_children' | wc -l)" ]
		for type in "${!inode[@]}"; do
			[ "$type:[${inode[$type]}]" = "$(ns "$type" "$command")" ]
		done
		kill -TERM $tool
		ends 143
	done
}

@test "signals: --ready-fd, --pid-file, --wait-fd: set up, told, written, waited, executed" {
	requires proc
	mkfifo go
	exec 7<>go
	for options in '' --init; do
		for go in byte eof; do
			rm -f told pids ran
			# shellcheck disable=SC2086
			start ns-unshare -rmnp --mount-proc $options --ready-fd=5 --pid-file=pids \
				--wait-fd=6 touch ran 5>told 6<go 7>&-
			wait_for grep -q . told
			# Namespaces, maps, mounts, lo.
			parse_ready "$(cat told)"
			[ "$(ns pid "$command")" != "$(ns pid)" ]
			read -r first _ <"/proc/$command/uid_map"
			[ "$first" = 0 ]
			grep -q ' - proc proc ' "/proc/$command/mountinfo"
			grep -q '127\.0\.0\.1' "/proc/$command/net/fib_trie"
			# The PID file.
			wait_for test -e pids
			[ "$(cat pids)" = "$command" ]
			# The wait.
			wait_for asleep "$command"
			argv0 "$command" ns-unshare
			line_count told 1
			[ ! -e ran ]
			if [ $go = byte ]; then
				printf x >&7
			else
				exec 7>&-
			fi
			ends 0
			[ "$(tail -n 1 told)" = '{"exec":true}' ]
			[ -e ran ]
			[ "$(cat pids)" = "$command" ]
			exec 7<>go
		done
	done
}

@test "signals: ns-enter with --ready-fd, --pid-file, --wait-fd: in this order, then exec" {
	mkfifo go
	exec 7<>go
	for line in "$enter" "$enter_f" "$enter --new-session"; do
		for go in byte eof; do
			rm -f told pids ran
			# shellcheck disable=SC2086
			start $line --ready-fd=5 --pid-file=pids --wait-fd=6 touch ran 5>told 6<go 7>&-
			wait_for grep -q . told
			parse_ready "$(cat told)"
			# Before exec nobody may look at it.
			[ "user:[${inode[user]}]" = "$(ns user "$TARGET")" ]
			wait_for test -e pids
			[ "$(cat pids)" = "$command" ]
			wait_for asleep "$command"
			argv0 "$command" ns-enter
			line_count told 1
			[ ! -e ran ]
			if [ $go = byte ]; then
				printf x >&7
			else
				exec 7>&-
			fi
			ends 0
			[ "$(tail -n 1 told)" = '{"exec":true}' ]
			[ -e ran ]
			exec 7<>go
		done
	done
}

@test "signals: --ready-fd tells of a failure, and no PID file stays" {
	for line in 'ns-unshare -r' 'ns-unshare -rp' 'ns-unshare -r --init' 'ns-unshare -rd' \
		"$enter" "$enter -d"; do
		# Before all is set up, there is one line only.
		# shellcheck disable=SC2086
		run -127 timeout -k 1 5 $line --ready-fd=5 --pid-file=pids no-such 5>told
		[[ $(cat told) == '{"error":"cannot find command '\''no-such'\'': '*'"}' ]]
		[ ! -e pids ]
		# shellcheck disable=SC2086
		run -125 timeout -k 1 5 $line --ready-fd=5 --pid-file=pids \
			--root='/no"\such' true 5>told
		[[ $(cat told) == "{\"error\":\"cannot "*" '/no\\\"\\\\"*'"}' ]]
		line_count told 1
		[ ! -e pids ]
		# Then the exec fails.
		printf '#!/no/such/interpreter\n' >script
		chmod +x script
		# shellcheck disable=SC2086
		run timeout -k 1 5 $line --ready-fd=5 --pid-file=pids ./script 5>told
		[ "$status" = 126 ] || [ "$status" = 127 ]
		line_count told 2
		parse_ready "$(head -n 1 told)"
		[[ $(tail -n 1 told) == '{"error":"cannot execute '\''./script'\'': '*'"}' ]]
		[ ! -e pids ]
	done
	[ "$(echo pids*)" = 'pids*' ]
}

@test "signals: the descriptors of --ready-fd and --wait-fd are not the command's" {
	for line in 'ns-unshare -f' 'ns-unshare -rp' 'ns-unshare -rp --init' \
		'ns-unshare -rd --log=log' "$enter_f" "$enter_f -d --log=log"; do
		rm -f log
		# shellcheck disable=SC2086
		run -0 timeout -k 1 5 $line --ready-fd=15 --wait-fd=16 \
			sh -c 'cd /proc/self/fd && echo *' 15>told 16</dev/null 17>/dev/null
		[ ! -e log ] || output=$(wait_for test -s log && cat log)
		echo "$line: $output"
		[[ " $output " != *' 15 '* && " $output " != *' 16 '* ]]
		[[ " $output " == *' 17 '* ]]	# that is seen
	done
	for option in --ready-fd --wait-fd; do
		run -125 --separate-stderr ns-unshare "$option=99" true
		[ "${stderr_lines[0]}" = "ns-unshare: option '$option': descriptor 99 is not open" ]
		# shellcheck disable=SC2086
		run -125 --separate-stderr $enter "$option=99" true
		[ "${stderr_lines[0]}" = "ns-enter: option '$option': descriptor 99 is not open" ]
	done
}

# Slow writes show what a reader can come upon.
@test "signals: a PID file is complete whenever it is there" {
	requires cmd strace
	for line in 'ns-unshare -rf' 'ns-unshare -rf' "$enter" "$enter"; do
		rm -rf dir
		mkdir dir
		# shellcheck disable=SC2086
		start strace -qq -o trace -e trace=write -e inject=write:delay_enter=100000 \
			$line --pid-file=dir/pids subject default
		wait_for test -e dir/pids
		[[ $(cat dir/pids) =~ ^[0-9]+$ ]]
		[ "$(wc -l <dir/pids)" = 1 ]
		[ "$(ls dir)" = pids ]
		wait_for grep -qx ready printed
		argv0 "$(cat dir/pids)" subject
		kill -TERM "$(cat dir/pids)"
		ends 143
	done
}

@test "signals: a PID file that cannot be written is a failure, and leaves nothing" {
	mkdir dir
	for file in dir /no/such/file; do
		for line in 'ns-unshare -rf' 'ns-unshare -rp' 'ns-unshare -rp --init' \
			'ns-unshare -rd' "$enter" "$enter -d"; do
			# shellcheck disable=SC2086
			run -0 --separate-stderr storm $line --pid-file=$file echo ran
			[ "$output" = 'ended with 125, left nothing' ]
			[[ $stderr == "${line%% *}: cannot write the PID to '$file': "* ]]
		done
	done
	[ -z "$(ls dir)" ]
	[ "$(echo dir?*)" = 'dir?*' ]
}

@test "signals: ended while it waits, it dies of the signal, and no PID file stays" {
	mkfifo go
	exec 7<>go
	for line in 'ns-unshare -f' 'ns-unshare -rp' 'ns-unshare -rp --init' "$enter"; do
		for signal in 15 2 1; do
			rm -f told
			# shellcheck disable=SC2086
			start $line --ready-fd=5 --pid-file=pids --wait-fd=6 \
				echo ran 5>told 6<go 7>&-
			wait_for test -e pids
			parse_ready "$(cat told)"
			wait_for asleep "$command"
			kill -$signal $tool
			ends $((128 + signal))
			wait_for gone "$command"
			[ ! -s printed ]
			[ ! -e pids ]
			[ "$(tail -n 1 told)" = '{"error":"cannot execute the command: it was ended before"}' ]
		done
	done
}

@test "signals: with -d the PID is printed before the wait, and the tool ends after it" {
	mkfifo go
	exec 7<>go
	for line in 'ns-unshare -rd' "$enter -d"; do
		# shellcheck disable=SC2086
		start $line --wait-fd=6 subject default 6<go 7>&-
		wait_for grep -q . printed
		command=$(cat printed)
		wait_for asleep "$command"
		argv0 "$command" "${line%% *}"
		if gone $tool; then false; fi
		echo >&7
		ends 0
		argv0 "$command" subject
		[ "$(cat printed)" = "$command" ]
		kill "$command"
		# It can be ended while it waits.
		# shellcheck disable=SC2086
		start $line --wait-fd=6 subject default 6<go 7>&-
		wait_for grep -q . printed
		wait_for asleep "$(cat printed)"
		kill "$(cat printed)"
		ends 143
	done
}

# Each finds its end of the pair and its address, and asks the other one.
@test "signals: two shells are joined by a veth pair, with these options and no sleep" {
	requires root cmd ip cmd nsenter
	mkfifo go hold
	exec 7<>go 8<>hold
	for other in 10.0.0.2 10.0.0.1; do
		mkdir "$BATS_TEST_TMPDIR/$other"
		cd "$BATS_TEST_TMPDIR/$other"
		start ns-unshare -n --ready-fd=5 --wait-fd=6 bash -c '
			ip -brief -4 address show dev lan
			# Nobody listens there, which only the other end can say.
			(: </dev/tcp/"$1"/9) 2>&1 | grep -o "Connection refused"
			read -r _ <&8' bash $other 5>told 6<../go 7>&-
	done
	cd "$BATS_TEST_TMPDIR"
	for other in 10.0.0.2 10.0.0.1; do
		wait_for grep -q . $other/told
		parse_ready "$(cat $other/told)"
		commands+=("$command")
	done
	ip link add lan netns "${commands[0]}" type veth peer name lan netns "${commands[1]}"
	for i in 0 1; do
		nsenter -t "${commands[i]}" -n ip address add 10.0.0.$((i + 1))/24 dev lan
		nsenter -t "${commands[i]}" -n ip link set lan up
	done
	printf '\n\n' >&7
	for other in 10.0.0.2 10.0.0.1; do
		wait_for grep -qx 'Connection refused' $other/printed
		grep -q '^lan@.* 10\.0\.0\.[12]/24' $other/printed
	done
	printf '\n\n' >&8
	wait_for gone "${commands[0]}"
	wait_for gone "${commands[1]}"
}

# --- A session

# Whether a command can type into its terminal; what it typed, the shell reads.
types() { # TOOL-AND-OPTIONS
	run storm -t 10 pty within:3 'expect:now read' 'send:by hand\n' -- sh -c \
		"$1 subject type; echo now read; read -r line && echo \"got \$line\""
	echo "$output"
}

@test "signals: from a new session, nothing can be typed into the caller's terminal" {
	requires tiocsti
	types 'ns-unshare -r --new-session'
	[[ $output == *refused* && $output == *'got by hand'* ]]
	types 'ns-unshare -rp --init --new-session'
	[[ $output == *refused* && $output == *'got by hand'* ]]
	types "$enter --new-session"
	[[ $output == *refused* && $output == *'got by hand'* ]]
	for line in 'ns-unshare -rf' "$enter"; do	# seen to be possible
		types "$line"
		[[ $output == *typed* && $output == *'got stuffed'* ]]
	done
}

@test "signals: --new-session is a session, and signals pass" {
	for line in ns-unshare "$enter"; do
		# shellcheck disable=SC2086
		start_ready $line --new-session subject default
		read -r _ _ _ _ _ session terminal _ <"/proc/$(child)/stat"
		[ "$session $terminal" = "$(child) 0" ]
		kill -TERM $tool
		ends 143
	done
}
