#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The completions for bash and zsh, typed on a terminal.
load helpers/common

setup_file() {
	cd "$BATS_FILE_TMPDIR"
	mkdir -p names/file dir
	# Each tool says what it gets; but what completions ask ns-list is answered.
	cat >rc <<-'END'
		for tool in ns-unshare ns-enter ns-list ns-hostname ns-mountproc; do
			eval "$tool() { [[ \$* != *--noheadings* && \$* != *--list-columns* ]] ||
				{ command $tool \"\$@\"; return; }; echo \"got: $tool \$*.\"; }"
		done
		PS1='$ '
	END
	{
		cat rc
		echo ". '$NS_BUILD/completion/ns-tools.bash'"
	} >rc.bash
	{
		cat rc
		echo "fpath=('$NS_BUILD/completion' \$fpath)"
		echo 'autoload -U compinit; compinit -u -D'
	} >rc.zsh
	sleep 1000 3>&- &
	echo $! >sleeper
}

teardown_file() {
	kill "$(cat "$BATS_FILE_TMPDIR/sleeper")"
}

setup() {
	cd "$BATS_FILE_TMPDIR"
	export TERM=dumb
	around=()
}

# in_shell SHELL STEP... - type into SHELL
in_shell() {
	local -a shell=(bash --norc -i)

	[ "$1" = bash ] || shell=(zsh -f -i)
	run -0 storm -t 60 "${around[@]}" pty "send:. ./rc.$1\n" 'expect:$ ' "${@:2}" 'send:exit\n' -- "${shell[@]}"
}

# types SHELL TEXT RESULT - TEXT, in which "^" is the tab key, makes this command
types() {
	in_shell "$1" "send:${2//^/\\011}\n" 'expect:got: ' 'expect:.'
	# zsh may leave a blank after a word.
	[[ ${output//$'\r'/} =~ got:\ ([^$'\n']*)\. ]]
	echo "$1: ${BASH_REMATCH[1]}"
	[ "$(xargs <<<"${BASH_REMATCH[1]}")" = "$3" ]
}

# in_both TEXT RESULT
in_both() {
	types bash "$1" "$2"
	requires cmd zsh
	types zsh "$1" "$2"
}

@test "completion: long options, and a value that is a choice" {
	in_both 'ns-unshare --prop^sl^ x' 'ns-unshare --propagation=slave x'
	in_both 'ns-enter --preserve-c^ 1' 'ns-enter --preserve-credentials 1'
}

@test "completion: signals, capabilities, types and columns, the last three in lists" {
	in_both 'ns-unshare --kill-child=US^1' 'ns-unshare --kill-child=USR1'
	in_both 'ns-unshare --drop-caps=chown,sys_adm^' 'ns-unshare --drop-caps=chown,sys_admin'
	in_both 'ns-list -t net,ut^' 'ns-list -t net,uts'
	in_both 'ns-list -o NS,NPR^' 'ns-list -o NS,NPROCS'
}

@test "completion: users and groups" {
	in_both 'ns-unshare -S nobod^ x' 'ns-unshare -S nobody x'
	in_both 'ns-enter --setgid=daemo^ 1' 'ns-enter --setgid=daemon 1'
}

@test "completion: directories alone where one is wanted, files where one is" {
	types bash 'ns-unshare --wd=names/^' 'ns-unshare --wd=names/file/'
	# zsh takes the slash back.
	types zsh 'ns-unshare --wd=names/^' 'ns-unshare --wd=names/file'
	in_both 'ns-unshare --pid-file=rc.z^' 'ns-unshare --pid-file=rc.zsh'
}

differs_in_user() { [ "$(ns user "$1")" != "$(ns user)" ]; }

@test "completion: pinned sets" {
	local pid

	requires user userns kernel 6.9
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR
	mkdir -m 700 "$XDG_RUNTIME_DIR/ns"
	unshare --user --map-root-user sleep 1000 3>&- &
	pid=$!
	wait_for differs_in_user "$pid"
	echo "$pid:$(quarry inode "$pid")" >"$XDG_RUNTIME_DIR/ns/alphabet"
	in_both 'ns-enter alph^ x' 'ns-enter alphabet x'
	in_both 'ns-unshare --unpin=alph^' 'ns-unshare --unpin=alphabet'
	kill "$pid"
}

@test "completion: names of ip netns" {
	requires root
	around=(unshare --mount --propagation private sh -c 'mount -t tmpfs none /run &&
		mkdir /run/netns && : >/run/netns/blueprint && exec "$@"' sh)
	in_both 'ns-enter -n bluep^ x' 'ns-enter -n blueprint x'
}

@test "completion: a namespace by its number" {
	local number

	number=$(stat -Lc %i /proc/self/ns/uts)
	in_both "ns-enter ${number%?}^$([ "${number: -1}" = 8 ] && echo 8) x" "ns-enter $number x"
}

@test "completion: processes are shown with their commands, and completed without" {
	local pid shell

	pid=$(cat sleeper)
	for shell in bash zsh; do
		[ $shell = bash ] || requires cmd zsh
		types $shell "ns-enter $pid^ x" "ns-enter $pid x"
		in_shell $shell 'send:ns-enter \011\011' "expect:$pid" 'expect:sleep' 'send:\003'
	done
}

@test "completion: after the operand of ns-enter comes a command, also where -t gave it" {
	in_both 'ns-enter 1 setpri^' 'ns-enter 1 setpriv'
	in_both 'ns-enter -t 1 setpri^' 'ns-enter -t 1 setpriv'
	in_both 'ns-enter --target=1 setpri^' 'ns-enter --target=1 setpriv'
	in_both 'ns-enter --net=/x setpri^' 'ns-enter --net=/x setpriv'
	in_both 'ns-enter -Unt 1 setpri^' 'ns-enter -Unt 1 setpriv'
	in_both 'ns-enter -S 0 -t 1 setpri^' 'ns-enter -S 0 -t 1 setpriv'
	in_both 'ns-enter 1 ns-hostname -t 1 --verb^' 'ns-enter 1 ns-hostname -t 1 --verbose'
}

@test "completion: along a chain each tool's own options" {
	in_both 'ns-unshare -pmu ns-mountp^--fall^b^ ns-hostname lab ns-l^--compa^' \
		'ns-unshare -pmu ns-mountproc --fallback=bind ns-hostname lab ns-list --compare'
}

@test "completion: a command's options are not ours" {
	types bash 'ns-unshare -u cat --propag^' 'ns-unshare -u cat --propag'
}

@test "completion: in bash the words that it breaks at colons stay whole" {
	local number

	number=$(stat -Lc %i /proc/self/ns/uts)
	types bash "ns-enter -t 1 -S nobod^ --wd=names/^" 'ns-enter -t 1 -S nobody --wd=names/file/'
	types bash "ns-list uts:$number --compa^" "ns-list uts:$number --compare"
}
