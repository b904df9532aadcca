# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: MIT
#
# What compat.bats and peers.bats share: running one of our tools and its installed
# peer from the same place, in surroundings that a test has made.

setup() {
	requires cmd unshare
	peer=unshare ours=ns-unshare
	around=()
	making=()	# what runs unshare for a target
	started=()
	stdin=/dev/null
	cd /
	COMPAT_REF=$(readlink /proc/self/ns/*)
	export COMPAT_REF
}

# A test that fails leaves nothing running.
teardown() {
	local pid
	for pid in "${started[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
}

# What the script of "fresh" may call.
prelude='
	# One line for each file of subordinate ids: subids LINE...
	subids() {
		if ! [ -e /etc/subuid ] || ! [ -e /etc/subgid ]; then
			cp -a /etc etc
			mount --bind etc /etc
			touch /etc/subuid /etc/subgid
		fi
		printf "%s\n" "$@" >subids
		mount --bind subids /etc/subuid
		mount --bind subids /etc/subgid
	}
	jail() { mkdir jail; mount --rbind / jail; }
'

# From now on each run gets a new private mount namespace with an empty
# directory /mnt as the current one, prepared by SCRIPT. One CPU, because a mount
# namespace can be bound on a file only by an older one, and Linux 6.18 counts
# the age for each CPU apart.
fresh() { # SCRIPT
	requires root
	around=(taskset -c 0 unshare -m --propagation private sh -ec "$prelude
		mount -t tmpfs -o mode=755 none /mnt
		cd /mnt
		$1
		COMPAT_REF=\$(readlink /proc/self/ns/*)
		export COMPAT_REF
		exec \"\$@\"" sh)
}

# After fresh: each run is an ordinary user's.
as_nobody() {
	around+=(setpriv --reuid=65534 --regid=65534 --clear-groups)
}

# A directory "jail" for --root, with compat-probe in it, made of copies, so that
# an ordinary user can make one.
copied_jail() {
	local file
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p jail/proc jail/usr/bin jail/tmp
	cp "$(command -v compat-probe)" jail/usr/bin
	for file in $(ldd jail/usr/bin/compat-probe | grep -o '/[^ ]*'); do
		mkdir -p "jail${file%/*}"
		cp "$file" "jail$file"
	done
}

# Starts a process that waits, in namespaces made by the installed unshare; its PID
# in $target, its namespaces in COMPAT_TARGET. From now on the tools are ns-enter and
# its peer.
target() { # OPTION-OF-UNSHARE...
	local fifo=$BATS_TEST_TMPDIR/target.${#started[@]} maker

	requires cmd nsenter
	peer=nsenter ours=ns-enter
	mkfifo "$fifo"
	exec 8<>"$fifo"
	"${making[@]}" unshare "$@" subject default </dev/null >&8 2>/dev/null 3>&- 8>&- &
	maker=$!
	started+=("$maker")
	read -r -t 10 <&8
	exec 8>&-
	disown "$maker"
	# With --fork it is the child, which outlives unshare.
	target=$(cat "/proc/$maker/task/$maker/children")
	target=${target%% *}
	: "${target:=$maker}"
	started+=("$target")
	COMPAT_TARGET=$(readlink "/proc/$target/ns/"*)
	export COMPAT_TARGET
}

# Runs the tool, for half a minute at most; its status in $status, what it printed in
# $output and what it said on stderr in $said. Who still holds the output when the
# tool has ended is waited for, too.
attempt() { # TOOL ARG...
	local err=$BATS_TEST_TMPDIR/err
	status=0
	output=$(timeout --foreground -k 1 30 "${around[@]}" "$@" <"$stdin" 2>"$err") || status=$?
	said=$(cat "$err")
}

# The rest of the line of compat-probe's output that begins with WORD.
line() { # WORD
	sed -n "s/^$1 //p" <<<"$output"
}

# Waits for the end of a process started by the test, with a bound; its status in
# $status.
ended() { # PID
	wait_for test ! -d "/proc/$1"
	status=0
	wait "$1" || status=$?
}

# Starts a command under the tool: a shell that holds until it gets a SIGTERM
# (status 7) or a SIGUSR1 (it prints "alive", status 8). The tool's pid in
# $tool_pid, the shell's in $child_pid, what it prints in the file $printed.
start_holding() { # TOOL ARG...
	local fifo=$BATS_TEST_TMPDIR/never

	printed=$BATS_TEST_TMPDIR/printed.$1
	[ -p "$fifo" ] || mkfifo "$fifo"
	# shellcheck disable=SC2016
	"$@" sh -c '
		trap "exit 7" TERM
		trap "echo alive; exit 8" USR1
		echo ready
		read -r line <&4
	' >"$printed" 2>/dev/null 3>&- 4<>"$fifo" &
	tool_pid=$!
	started+=("$tool_pid")
	wait_for grep -q ready "$printed"
	child_pid=$(grep -lx "PPid:	$tool_pid" /proc/[0-9]*/status 2>/dev/null | grep -o '[0-9]*')
	started+=("$child_pid")
}
