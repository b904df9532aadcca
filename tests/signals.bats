#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# ns-unshare as a parent: signals, PID 1, the terminal, the end, --kill-child, --init,
# --detach, and being ready.  Most of it is the same for root and for an ordinary user.
load helpers/common
load helpers/place

setup() {
	requires userns
	cd "$BATS_TEST_TMPDIR"
	ulimit -S -c 0
	pid=-p
	probe_root || pid=-rp	# a PID namespace
	export SIGNALS_TEST=$BATS_TEST_TMPDIR
}

# What a test has left running is what has its name in the environment.
teardown() {
	local file
	while read -r file; do
		file=${file%/environ}
		kill -KILL "${file#/proc/}" 2>/dev/null || true
	done < <(grep -lsF "SIGNALS_TEST=$BATS_TEST_TMPDIR" /proc/[0-9]*/environ)
}

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
	IFS= read -r -d '' name <"/proc/$1/cmdline"
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
	local result=0
	"$1" ns-unshare "${@:2}"
	"$1" unshare "${@:2}" || result=$?
	[ $result = 1 ] || { echo "unshare: $result; the check may be blind"; return 1; }
}

# --- No signal is lost

@test "signals: of 2000 SIGTERMs in the first 3 ms none is lost" {
	every_run 2000 'died of 15, left nothing' -t 3 -s 15 -u 3000 ns-unshare -f subject default
}

@test "signals: of 2000 SIGTERMs in the first 3 ms of a PID namespace none is lost" {
	every_run 2000 'died of 15, left nothing' -t 3 -s 15 -u 3000 ns-unshare -rp subject default
}

@test "signals: at whatever time they come, with whatever options, none is lost" {
	for options in -rf "$pid --kill-child" '-rp --init' '-rf --new-session --kill-child=HUP' \
		"$pid --pid-file=pids" '-rp --ready-fd=1 --init'; do
		# shellcheck disable=SC2086
		every_run 300 'died of 15, left nothing' -t 3 -s 15 -u 3000 \
			ns-unshare $options subject default
		[ ! -e pids ] || [ "$(wc -c <pids)" -gt 1 ]
	done
	for signal in 1 2 10 34; do
		every_run 100 "died of $signal, left nothing" -t 3 -s $signal -u 3000 \
			ns-unshare "$pid" subject default
	done
}

@test "signals: a command with a handler gets them, from its first moment on" {
	for options in -f "$pid" '-rp --init'; do
		# shellcheck disable=SC2086
		run -0 tally -n 500 -j 4 -t 3 -s 15 -u 3000 ns-unshare $options subject handler
		echo "$options: $output"
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

@test "signals: each kind of signal reaches the command, once" {
	# HUP INT QUIT USR1 USR2 TERM CONT WINCH, and real-time ones
	for options in -f "$pid" '-rp --init' '-f --forward-signals' '-f --new-session'; do
		for signal in 1 2 3 10 12 15 18 28 34 50 64; do
			echo "$options, signal $signal"
			# shellcheck disable=SC2086
			start_ready ns-unshare $options subject count $signal
			kill -$signal $tool
			wait_for grep -qx caught printed
			if [ $signal = 10 ]; then kill -USR2 $tool; else kill -USR1 $tool; fi
			ends 0
			grep -qx 'count 1' printed
		done
	done
}

@test "signals: a real-time signal that is sent ten times comes ten times" {
	start_ready ns-unshare "$pid" subject count 40
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		kill -40 $tool
	done
	wait_for eval '[ "$(grep -cx caught printed)" = 10 ]'
	kill -USR1 $tool
	ends 0
	grep -qx 'count 10' printed
}

@test "signals: the command gets the caller's mask and dispositions" {
	for signals in '-b 10' '-b 15 -i 13' '-i 2' '-i 20' '-b 64 -i 1'; do
		# shellcheck disable=SC2086
		own=$(storm $signals grep '^Sig[BI]' /proc/self/status)
		for options in '' -f "$pid" '-rp --init' '-rf --kill-child' '-f --wait-fd=0'; do
			# shellcheck disable=SC2086
			run -0 storm $signals ns-unshare $options grep '^Sig[BI]' /proc/self/status \
				</dev/null
			echo "$signals $options: $output, not $own"
			[ "$output" = "$own" ]
		done
	done
}

@test "signals: what the terminal sends to its whole foreground group comes once" {
	for options in -f "$pid" '-f --new-session'; do
		# shellcheck disable=SC2086
		on_terminal 0 'expect:ready' 'repeat:100' 'send:\003' 'expect:caught' end \
			'run:kill -USR1 $PTY_PID' -- ns-unshare $options subject count 2
		[[ $output == *'count 100'* ]]
	done
}

# --- PID 1

@test "signals: a PID 1 that waits for SIGTERM in one way or another gets it" {
	for mode in 'handler 40' 'signalfd 41' 'sigwait 42'; do
		start_ready ns-unshare "$pid" subject "${mode% *}"
		wait_for asleep "$(child)"
		kill -TERM $tool
		ends "${mode#* }"
	done
}

@test "signals: a PID 1 that ignores SIGTERM goes on" {
	start_ready ns-unshare "$pid" subject ignore
	kill -TERM $tool
	wait_for idle $tool
	[ "$(state "$(child)")" = S ]
	kill -USR1 $tool
	ends 43
	grep -qx alive printed
}

@test "signals: a PID 1 from which the kernel would keep a signal is ended by it" {
	for signal in 1 2 3 14 15 34; do
		start_ready ns-unshare "$pid" subject default
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
	start_ready ns-unshare "$pid" subject default
	for signal in WINCH URG CONT CHLD; do
		kill -$signal $tool
		wait_for idle $tool
		asleep "$(child)"
	done
	kill -TERM $tool
	ends 143
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
}

@test "signals: ^\\ ends a PID 1 that does not care" {
	on_terminal 131 'expect:ready' 'send:\034' -- \
		ns-unshare "$pid" subject default
}

@test "signals: when the terminal hangs up, tool and command are gone" {
	start pty 'expect:ready' 'run:echo $PTY_PID >tool' 'expect:never' -- \
		ns-unshare "$pid" subject default
	wait_for test -s tool
	terminal=$tool tool=$(cat tool)
	command=$(child)
	kill -KILL "$terminal"
	wait_for gone "$tool"
	wait_for gone "$command"
}

# hundred_stops OPTIONS SHELL... - on one CPU, where the order is hardest
hundred_stops() {
	on_terminal 0 'expect:$ ' "send:ns-unshare $1 subject continued\n" 'expect:ready' \
		'repeat:100' 'send:\032' 'expect:$ ' 'send:fg\n' 'expect:went on' end \
		'send:\003' 'expect:$ ' 'send:echo rc=$?\n' 'expect:rc=130' 'send:exit\n' -- \
		taskset -c 0 env PS1='$ ' "${@:2}"
	[ "$(grep -ciE 'stopped|suspended' <<<"$output")" = 100 ]
	[ "$(grep -c 'went on' <<<"$output")" -ge 100 ]
}

@test "signals: from bash, ^Z and fg stop and continue a command, a hundred times" {
	for options in -f "$pid" '-rp --init'; do
		hundred_stops "$options" bash --norc --noediting -i
	done
}

@test "signals: from dash, ^Z and fg stop and continue a command, a hundred times" {
	requires cmd dash
	for options in -f "$pid" '-rp --init'; do
		hundred_stops "$options" dash -i
	done
}

@test "signals: from zsh, ^Z and fg stop and continue a command, a hundred times" {
	requires cmd zsh
	for options in -f "$pid" '-rp --init'; do
		hundred_stops "$options" zsh -f -i +Z
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
}

@test "signals: the installed unshare stops alone in a PID namespace" {
	if stops_and_goes_on unshare -rpf; then false; fi
}

@test "signals: a command that stops itself stops the tool, for the shell to see" {
	on_terminal 0 'expect:$ ' "send:ns-unshare -rf sh -c 'kill -STOP \$\$; echo went on'\n" \
		'expect:Stopped' 'expect:$ ' 'send:fg\n' 'expect:fg' 'expect:went on' \
		'expect:$ ' 'send:exit\n' -- env PS1='$ ' bash --norc --noediting -i
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
}

# --- The end

# The command dies of the signal, the tool too.
@test "signals: the tool dies of the signal that its command died of" {
	for signal in 1 2 3 6 9 11 14 15 34 64; do
		outcome "died of $signal, left nothing" ns-unshare -f subject die $signal
		outcome "died of $signal, left nothing" ns-unshare -rp --init subject die $signal
	done
}

@test "signals: as PID 1, too, the status of a command that died is 128+n" {
	for signal in 1 2 3 6 9 11 14 15 34 64; do
		outcome "ended with $((128 + signal)), left nothing" \
			ns-unshare -rp ns-unshare -f subject die $signal
	done
	outcome 'ended with 143, left nothing' ns-unshare -rp ns-unshare -f sh -c 'kill -TERM $$'
}

@test "signals: with the signal blocked or ignored on entry, too" {
	for signal in 1 2 13 15 34; do
		for entry in -b -i; do
			run -$((128 + signal)) timeout -k 1 5 sh -c "storm $entry $signal bash -c '
				ns-unshare -f subject die $signal; exit \$?' | tail -n 1 >how
				read -r _ _ status <how; exit \${status%,*}"
			outcome "ended with $((128 + signal)), left nothing" $entry $signal \
				ns-unshare -rp ns-unshare -f subject die $signal
			run -0 storm $entry $signal ns-unshare -f subject die $signal
			[[ ${lines[-1]} == "died of $signal,"* ||
				${lines[-1]} == "ended with $((128 + signal)),"* ]]
		done
	done
}

@test "signals: the command's own statuses are the tool's" {
	for status in 0 1 42 124 125 126 127 128 143 255; do
		outcome "ended with $status, left nothing" ns-unshare -f sh -c "exit $status"
		outcome "ended with $status, left nothing" ns-unshare "$pid" sh -c "exit $status"
	done
}

leaves_the_core() { # TOOL
	rm -f core
	(
		ulimit -c unlimited
		timeout -k 1 5 "$1" -f subject die 11
	) || true
	ls -l core
	grep -aq 'subject die 11' core && ! grep -aq -e "$1 -f subject die" core
}

@test "signals: the command's core is not overwritten" {
	requires core
	only_the_peer_fails leaves_the_core
}

@test "signals: SIGCHLD ignored or blocked on entry does no harm" {
	for entry in -i -b; do
		for options in -f "$pid" '-rp --init' '-rf --kill-child'; do
			# shellcheck disable=SC2086
			outcome 'ended with 7, left nothing' $entry 17 ns-unshare $options sh -c 'exit 7'
		done
	done
	outcome 'died of 15, left nothing' -i 17 ns-unshare -f subject die
}

@test "signals: children from before are not taken for the command" {
	mkfifo begun over
	for options in -f "$pid" '-rp --init' '-f --pid-file=pids'; do
		# One has ended before, one ends while the command runs, one later.
		# shellcheck disable=SC2086
		start bash -c '
			(exit 9) &
			(echo $BASHPID >second; read -r _ <begun; exit 9) &
			sleep 100 &
			exec ns-unshare "$@" sh -c "echo >begun; echo ready; read -r _ <over; exit 7"' \
			bash $options
		wait_for grep -qx ready printed
		wait_for eval '[ "$(state "$(cat second)")" = Z ]'
		echo >over
		ends 7
	done
}

@test "signals: every helper is waited for" {
	for options in -f -rf "$pid" '-rf --kill-child' '-rp --kill-child' '-rp --init' \
		'-rp --init --kill-child' '-rf --ready-fd=2' '-rp --pid-file=pids --new-session'; do
		# shellcheck disable=SC2086
		outcome 'ended with 0, left nothing' ns-unshare $options true
		# shellcheck disable=SC2086
		outcome 'ended with 127, left nothing' ns-unshare $options /no/such/command
		# shellcheck disable=SC2086
		outcome 'ended with 125, left nothing' ns-unshare $options --root=/no/such/dir true
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
	if probe_proc; then
		takes_its_child_along ns-unshare -rp --mount-proc --kill-child
	fi
	if probe_root; then
		takes_its_child_along ns-unshare -G 65534 --kill-child
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
	for options in -f '-rf --new-session'; do
		# shellcheck disable=SC2086
		start_ready ns-unshare $options --kill-child=USR2 subject count 12
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

@test "signals: the tool killed at 2000 moments leaves nothing with --kill-child" {
	every_run 2000 'died of 9, left nothing' -s 9 -u 4000 \
		ns-unshare -rp --kill-child subject handler
}

@test "signals: the tool killed at 2000 moments leaves nothing with --init" {
	every_run 2000 'died of 9, left nothing' -s 9 -u 4000 ns-unshare -rp --init subject handler
}

@test "signals: the tool killed while it waits leaves nothing, with whatever options" {
	mkfifo never
	for options in '-rf --kill-child' '-rp --init --kill-child' '-rp --kill-child --new-session' \
		'-f --wait-fd=8' '-rp --wait-fd=8' '-rp --init --wait-fd=8' '-rd --wait-fd=8'; do
		# shellcheck disable=SC2086
		every_run 200 'died of 9, left nothing' -s 9 -u 4000 \
			ns-unshare $options subject handler 8<>never
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

# detach OPTION... COMMAND... - its PID in $command.  Not by "run", for which a command that
# holds its pipe open never ends.
detach() {
	timeout -k 1 5 ns-unshare "$@" >pid 2>err </dev/null 3>&-
	command=$(cat pid)
	[[ $command =~ ^[0-9]+$ ]]
}

@test "signals: -d prints the PID of the command, which runs by then" {
	for options in -rd '-rd --init' '-d --pid-file=pids' '-rd --ready-fd=2'; do
		for _ in 1 2 3 4 5; do
			# shellcheck disable=SC2086
			detach $options subject default
			argv0 "$command" subject
			kill "$command"
		done
	done
}

@test "signals: -d leaves the command alone, in its namespaces" {
	outcome 'ended with 0, left subject' -c subject -N user ns-unshare -rd subject default
	outcome 'ended with 0, left subject' -c subject -N pid ns-unshare -rpd subject default
	detach -rpd subject default
	[ "$(inner_pid "$command")" = 1 ]
	kill -KILL "$command"
	detach -rd --init subject default
	[ "$(inner_pid "$command")" = 2 ]
	kill "$command"
}

@test "signals: -d gives the command a session and /dev/null" {
	detach -rd subject default
	for fd in 0 1 2; do
		[ "$(readlink "/proc/$command/fd/$fd")" = /dev/null ]
	done
	read -r _ _ _ _ group session terminal _ <"/proc/$command/stat"
	[ "$group $session $terminal" = "$command $command 0" ]
	kill "$command"
}

@test "signals: --log gets what the detached command prints, after what is there" {
	echo before >log
	detach -rd --log=log sh -c 'echo out; echo err >&2; readlink /proc/self/fd/0'
	wait_for gone "$command"
	wait_for line_count log 4
	[ "$(cat log)" = $'before\nout\nerr\n/dev/null' ]
	run -125 --separate-stderr ns-unshare --log=log true
	[ "$stderr" = "ns-unshare: option '--log': needs '--detach'" ]
}

@test "signals: -d that fails prints why, ends with that status, and leaves nothing" {
	fails() { # STATUS MESSAGE ARGUMENT...
		run -"$1" --separate-stderr timeout -k 1 5 ns-unshare "${@:3}"
		echo "$stderr"
		[ -z "$output" ]
		[[ ${stderr_lines[0]} == "ns-unshare: cannot $2"* ]]
		outcome "ended with $1, left nothing" ns-unshare "${@:3}"
	}
	: >script
	for options in -rd -rpd '-rd --init' '-rd --pid-file=pids'; do
		# shellcheck disable=SC2086
		fails 127 "find command 'no-such'" $options no-such
		# shellcheck disable=SC2086
		fails 126 "execute './script': Permission denied" $options ./script
		# shellcheck disable=SC2086
		fails 125 "change root to '/no/such'" $options --root=/no/such true
		# shellcheck disable=SC2086
		fails 125 "write to '/no/such/log'" $options --log=/no/such/log true
		[ ! -e pids ]
	done
}

@test "signals: -d that cannot print the PID fails, and leaves nothing" {
	for options in -rd -rpd '-rd --init' '-rd --wait-fd=0'; do
		run -0 --separate-stderr storm sh -c "timeout -k 1 5 \
			ns-unshare $options subject default >/dev/full </dev/null; echo ended with \$?"
		echo "$output $stderr"
		[ "${lines[0]}" = 'ended with 125' ]
		[ "${lines[1]}" = 'ended with 0, left nothing' ]
		[[ $stderr == "ns-unshare: cannot write 'standard output': No space left on device" ]]
	done
}

@test "signals: -d excludes --no-fork and --kill-child" {
	for other in --no-fork -F --kill-child --kill-child=TERM; do
		run -125 --separate-stderr ns-unshare -d "$other" true
		[[ ${stderr_lines[0]} =~ ^ns-unshare:\ option\ \'--.*\':\ . ]]
		[[ $stderr == *"--detach'"* ]]
		[[ $stderr == *"--no-fork'"* || $stderr == *"--kill-child'"* ]]
		[ -z "$output" ]
	done
}

@test "signals: -d holds nothing open that a command substitution waits for" {
	timeout -k 1 5 sh -c 'p=$(ns-unshare -d sleep 60); kill $p' 2>err 3>&-
	timeout -k 1 5 sh -c 'p=$(ns-unshare -rd --init sleep 60); kill $p' 2>err 3>&-
	timeout -k 1 5 sh -c 'p=$(ns-unshare -rpd sleep 60); kill -KILL $p' 2>err 3>&-
}

@test "signals: -d --init: with the command the namespace ends" {
	detach -rd --init sh -c 'sleep 100 & exec subject default'
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
	for options in -U -rmuinpC '-rmu --init'; do
		: >told
		# shellcheck disable=SC2086
		start_ready ns-unshare $options --ready-fd=5 subject default 5>>told
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

@test "signals: --ready-fd tells of a failure, and no PID file stays" {
	for options in -r -rp '-r --init' -rd; do
		# Before all is set up, there is one line only.
		# shellcheck disable=SC2086
		run -127 timeout -k 1 5 ns-unshare $options --ready-fd=5 --pid-file=pids no-such 5>told
		[[ $(cat told) == '{"error":"cannot find command '\''no-such'\'': '*'"}' ]]
		[ ! -e pids ]
		# shellcheck disable=SC2086
		run -125 timeout -k 1 5 ns-unshare $options --ready-fd=5 --pid-file=pids \
			--root='/no"\such' true 5>told
		[[ $(cat told) == "{\"error\":\"cannot change root to '/no\\\"\\\\"*'"}' ]]
		line_count told 1
		[ ! -e pids ]
		# Then the exec fails.
		printf '#!/no/such/interpreter\n' >script
		chmod +x script
		# shellcheck disable=SC2086
		run timeout -k 1 5 ns-unshare $options --ready-fd=5 --pid-file=pids ./script 5>told
		[ "$status" = 126 ] || [ "$status" = 127 ]
		line_count told 2
		parse_ready "$(head -n 1 told)"
		[[ $(tail -n 1 told) == '{"error":"cannot execute '\''./script'\'': '*'"}' ]]
		[ ! -e pids ]
	done
	[ "$(echo pids*)" = 'pids*' ]
}

@test "signals: the descriptors of --ready-fd and --wait-fd are not the command's" {
	for options in -f -rp '-rp --init' -rd; do
		rm -f log
		[ "$options" != -rd ] || options='-rd --log=log'
		# shellcheck disable=SC2086
		run -0 timeout -k 1 5 ns-unshare $options --ready-fd=15 --wait-fd=16 \
			sh -c 'cd /proc/self/fd && echo *' 15>told 16</dev/null 17>/dev/null
		[ ! -e log ] || output=$(wait_for test -s log && cat log)
		echo "$options: $output"
		[[ " $output " != *' 15 '* && " $output " != *' 16 '* ]]
		[[ " $output " == *' 17 '* ]]	# that is seen
	done
	for option in --ready-fd --wait-fd; do
		run -125 --separate-stderr ns-unshare "$option=99" true
		[ "${stderr_lines[0]}" = "ns-unshare: option '$option': descriptor 99 is not open" ]
	done
}

# Slow writes show what a reader can come upon.
@test "signals: a PID file is complete whenever it is there" {
	requires cmd strace
	for _ in 1 2 3; do
		rm -rf dir
		mkdir dir
		start strace -qq -o trace -e trace=write -e inject=write:delay_enter=100000 \
			ns-unshare -rf --pid-file=dir/pids subject default
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
		for options in -rf -rp '-rp --init' -rd; do
			# shellcheck disable=SC2086
			run -0 --separate-stderr storm ns-unshare $options --pid-file=$file echo ran
			[ "$output" = 'ended with 125, left nothing' ]
			[[ $stderr == "ns-unshare: cannot write the PID to '$file': "* ]]
		done
	done
	[ -z "$(ls dir)" ]
	[ "$(echo dir?*)" = 'dir?*' ]
}

@test "signals: ended while it waits, it dies of the signal, and no PID file stays" {
	mkfifo go
	exec 7<>go
	for options in -f -rp '-rp --init'; do
		for signal in 15 2 1; do
			rm -f told
			# shellcheck disable=SC2086
			start ns-unshare $options --ready-fd=5 --pid-file=pids --wait-fd=6 \
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
	start ns-unshare -rd --wait-fd=6 subject default 6<go 7>&-
	wait_for grep -q . printed
	command=$(cat printed)
	wait_for asleep "$command"
	argv0 "$command" ns-unshare
	if gone $tool; then false; fi
	echo >&7
	ends 0
	argv0 "$command" subject
	[ "$(cat printed)" = "$command" ]
	kill "$command"
	# It can be ended while it waits.
	start ns-unshare -rd --wait-fd=6 subject default 6<go 7>&-
	wait_for grep -q . printed
	wait_for asleep "$(cat printed)"
	kill "$(cat printed)"
	ends 143
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
types() { # OPTIONS
	run storm -t 10 pty within:3 'expect:now read' 'send:by hand\n' -- sh -c \
		"ns-unshare $1 subject type; echo now read; read -r line && echo \"got \$line\""
	echo "$output"
}

@test "signals: from a new session, nothing can be typed into the caller's terminal" {
	requires tiocsti
	types '-r --new-session'
	[[ $output == *refused* && $output == *'got by hand'* ]]
	types '-rp --init --new-session'
	[[ $output == *refused* && $output == *'got by hand'* ]]
	types -rf	# seen to be possible
	[[ $output == *typed* && $output == *'got stuffed'* ]]
}

@test "signals: --new-session is a session, and signals pass" {
	start_ready ns-unshare --new-session subject default
	read -r _ _ _ _ _ session terminal _ <"/proc/$(child)/stat"
	[ "$session $terminal" = "$(child) 0" ]
	kill -TERM $tool
	ends 143
}
