#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Misbehaviours of other tools that ns-unshare and ns-enter must not have. A check is
# run with ours, which must pass it, and with the installed unshare or nsenter, where it
# is expected to fail: so the check is known to see what it is looking for. Where the
# installed version does not have the misbehaviour, or not the option, only our
# half is asserted, and a comment says so.

# shellcheck disable=SC2034,SC2154 # what helpers/compat reads and sets
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/compat

# Shows what the last attempt gave, should the test fail.
show() {
	echo "$*: status $status, printed: $output, said: $said"
}

# The installed unshare is of these versions ("2.38").
peer_is() { # VERSION
	[[ $(unshare --version) == *" $1"* ]]
}

# The check passes with our tool and fails with the installed one.
only_the_peer_fails() { # CHECK ARG...
	local check=$1 result=0
	shift
	"$check" "$ours" "$@"
	"$check" "$peer" "$@" || result=$?
	if [ $result -ne 1 ]; then
		echo "the installed $peer passes ($result): the check may be blind"
		return 1
	fi
}

# Checks, for "if": the tool does not run the command.
refuses() { # TOOL OPTION...
	attempt "$@" echo ran
	show "$@"
	[ "$status" -ne 0 ] && [ -z "$output" ] && [ -n "$said" ]
}

# Our tool refuses, with a message of which the first line contains TEXT.
we_refuse() { # TEXT OPTION...
	local text=$1 first
	shift
	attempt "$ours" "$@" echo ran
	show "$ours" "$@"
	first=${said%%$'\n'*}
	[ "$status" -eq 125 ]
	[ -z "$output" ]
	[[ $first =~ ^$ours:\ (cannot\ .*|option\ \'--[a-z-]+\'):\ . ]]
	[[ $first == *"$text"* ]]
}

# --- Numbers

@test "peers: --setuid=4294967296 is not root" {
	requires userns
	only_the_peer_fails refuses -r --setuid=4294967296
	we_refuse "option '--setuid': " -r --setuid=4294967296
	we_refuse "'4294967296'" -r --setuid=4294967296
}

@test "peers: --setgid=4294967296 is not group 0" {
	requires root
	only_the_peer_fails refuses --setgid=4294967296
	we_refuse "option '--setgid': " --setgid=4294967296
	we_refuse "'4294967296'" --setgid=4294967296
}

# Refused from 2.39 on.
@test "peers: --map-user=4294967296 is not root" {
	requires userns
	we_refuse "option '--map-user': " --map-user=4294967296
	if peer_is 2.38; then
		only_the_peer_fails refuses --map-user=4294967296
	fi
}

@test "peers: --map-user=-1 and --map-user=4294967295 are refused" {
	requires userns
	we_refuse "option '--map-user': " --map-user=-1
	we_refuse "option '--map-user': " --map-user=4294967295
	if peer_is 2.38; then
		only_the_peer_fails refuses --map-user=-1
	fi
}

@test "peers: --map-group=4294967296 and --map-group=-1 are refused" {
	requires userns
	we_refuse "option '--map-group': " --map-group=4294967296
	we_refuse "option '--map-group': " --map-group=-1
	if peer_is 2.38; then
		only_the_peer_fails refuses --map-group=4294967296
	fi
}

@test "peers: --map-users with a number of 2^32 and more is refused" {
	requires userns newuidmap
	only_the_peer_fails refuses --map-users="$(id -u),0,4294967297"
	only_the_peer_fails refuses --map-users="$(id -u),4294967296,1"
	we_refuse "option '--map-users': " --map-users="$(id -u),0,4294967297"
	we_refuse "option '--map-groups': " --map-groups="$(id -g),0,4294967297"
}

# 2.38 knows only the comma form, and refuses these.
@test "peers: --map-users=INNER:OUTER:COUNT out of range is refused" {
	requires userns
	we_refuse "'-1:0:1'" --map-users=-1:0:1
	we_refuse "'4294967296:0:1'" --map-users=4294967296:0:1
	we_refuse "'0:4294967296:1'" --map-users=0:4294967296:1
	we_refuse "'0:0:0'" --map-users=0:0:0
	we_refuse "'0:0:4294967297'" --map-users=0:0:4294967297
	we_refuse "'0:4294967295:2'" --map-users=0:4294967295:2
	we_refuse "'4294967295:0:2'" --map-groups=4294967295:0:2
}

# 2.38 has no --owner.
@test "peers: --owner out of range is refused" {
	requires userns
	we_refuse "option '--owner': " --owner=4294967296:0
	we_refuse "option '--owner': " --owner=0:4294967296
	we_refuse "option '--owner': " --owner=-1:-1
	we_refuse "option '--owner': " --owner=4294967295:0
}

# --- Subordinate ids

# The check: with --map-auto root gets its own range. 2.38 takes the first
# range, too, since the number in "alice" is 0 to it, but then newuidmap refuses.
maps_own_range() { # TOOL
	attempt "$1" --map-auto cat /proc/self/uid_map
	show "$1" --map-auto
	read -r inner outer count rest <<<"$output"
	[ "$status" -eq 0 ] && [ "$inner $outer $count" = "0 500000 65536" ]
}

@test "peers: --map-auto takes one's own range, not the first of a name" {
	requires newuidmap
	fresh 'subids alice:100000:65536 root:500000:65536'
	only_the_peer_fails maps_own_range
}

# 2.38 leaves it to newuidmap, which refuses; later ones map the host's ids.
@test "peers: a subordinate range that goes beyond 2^32 is refused" {
	requires newuidmap
	fresh 'subids root:4294967290:65536'
	we_refuse "/etc/sub" --map-auto
}

# The check: the command does not run with an empty map after the helper was
# killed.
notices_a_killed_helper() { # TOOL
	attempt "$1" --map-users=200000,0,1000 --map-groups=200000,0,1000 \
		sh -c 'echo ran; cat /proc/self/uid_map'
	show "$1"
	[ "$status" -ne 0 ] && [ -z "$output" ]
}

@test "peers: a newuidmap that was killed is a failure" {
	requires newuidmap
	fresh '
		subids nobody:200000:65536
		printf "#!/bin/sh\nkill -KILL \$\$\n" >killed
		chmod 4755 killed
		mount --bind killed "$(command -v newuidmap)"
		mount --bind killed "$(command -v newgidmap)"'
	as_nobody
	only_the_peer_fails notices_a_killed_helper
	notices_a_killed_helper ns-unshare
	[ "$status" -eq 125 ]
	[[ $said == "ns-unshare: "*uidmap*"killed by signal 9"* ]]
}

# The check: a newuidmap that the caller put into PATH is not run.
leaves_path_alone() { # TOOL
	rm -f "$BATS_TEST_TMPDIR/helper-ran"
	attempt "$1" --map-users="$(id -u),0,1" --map-groups="$(id -g),0,1" true
	show "$1"
	! [ -e "$BATS_TEST_TMPDIR/helper-ran" ]
}

@test "peers: newuidmap is not looked for in PATH" {
	requires user userns newuidmap
	mkdir "$BATS_TEST_TMPDIR/bin"
	for helper in newuidmap newgidmap; do
		printf '#!/bin/sh\n>"%s/helper-ran"\nexit 1\n' "$BATS_TEST_TMPDIR" \
			>"$BATS_TEST_TMPDIR/bin/$helper"
		chmod +x "$BATS_TEST_TMPDIR/bin/$helper"
	done
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	only_the_peer_fails leaves_path_alone
}

# --- Descriptors, directories, environment

# 2.38 cannot pin with -r -f, and so leaks nothing.
@test "peers: no descriptor of ours reaches the command" {
	fresh 'for f in a b c d e f; do >$f; done; subids root:100000:65536'
	local own options
	attempt compat-probe
	own=$(grep '^fd' <<<"$output")
	for options in \
		-f -pf '-pf --mount-proc' '-f --kill-child' '-rf --kill-child' \
		'--user=a -r -f' '--uts=a -r -f' '--uts=a' '--mount=b' '--mount=b -f' \
		'--mount=b --uts=a --net=c --ipc=d -r -f' '--pid=e -f' '--user=a' \
		'--map-auto' '--map-auto -f' '--map-auto -c -pf --mount-proc' \
		'-Tf --monotonic=10' '-n' '-nf' '-rn' '-R / -w /' '-S 0 -G 0 -f'; do
		# shellcheck disable=SC2086
		attempt ns-unshare $options compat-probe
		output=$(grep '^fd' <<<"$output")
		show "$options"
		[ "$status" -eq 0 ]
		[ "$output" = "$own" ]
	done
}

# The check: the current directory is inside the new root.
stays_inside() { # TOOL DIR
	attempt "$1" -r -R jail -w "$2" compat-probe
	output=$(line cwd)
	show "$@"
	[ "$output" = / ]
}

@test "peers: with --root, --wd=.. does not lead out of it" {
	requires userns
	copied_jail
	only_the_peer_fails stays_inside ..
	only_the_peer_fails stays_inside .
	only_the_peer_fails stays_inside ../..
	stays_inside ns-unshare /..
	stays_inside ns-unshare tmp/..
}

# 2.38 has no --whitelist-env.
@test "peers: an empty --whitelist-env= is an empty environment" {
	export SECRET=x
	attempt ns-unshare --whitelist-env= "$(command -v env)"
	show
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	attempt ns-unshare --whitelist-env=SECRET "$(command -v env)"
	[ "$output" = SECRET=x ]
}

# The check: one warning of the groups that are kept.
warns_of_groups() { # TOOL
	attempt "$1" --setuid=65534 id -G
	show "$1"
	[ "$status" -eq 0 ] && [ "$output" = '0 1 2' ] &&
		[[ $said == "$1: warning: "*group* ]] && [ "$(wc -l <<<"$said")" -le 2 ]
}

@test "peers: --setuid without --setgid warns of the groups that are kept" {
	requires root
	around=(setpriv --groups 1,2)
	only_the_peer_fails warns_of_groups
	attempt ns-unshare --setuid=65534 --setgid=65534 id -G
	[ "$output" = 65534 ]
	[ -z "$said" ]
}

# --- Statuses

# The check: the tool dies of the command's signal, and says nothing.
dies_of() { # TOOL SIGNAL STATUS
	attempt "$1" -f sh -c 'kill -"$0" $$' "$2"
	show "$@"
	[ "$status" -eq "$3" ] && [ -z "$said" ]
}

# Put right in 2.39.
@test "peers: a command that is killed is not a failure of the tool" {
	dies_of ns-unshare KILL 137
	if peer_is 2.38; then
		only_the_peer_fails dies_of KILL 137
	fi
}

# The check: the tool as PID 1, where it cannot die of the signal, ends with 128
# plus the signal's number.
ends_as_init_with() { # TOOL SIGNAL STATUS
	attempt unshare -rpf "$1" -f sh -c 'kill -"$0" $$' "$2"
	show "$@"
	[ "$status" -eq "$3" ] && [ -z "$said" ]
}

@test "peers: as PID 1, too, the status of a command that died is 128+n" {
	requires userns
	ulimit -c 0
	only_the_peer_fails ends_as_init_with TERM 143
	only_the_peer_fails ends_as_init_with KILL 137
	only_the_peer_fails ends_as_init_with SEGV 139
}

# --- Commands that must not run, or run on

# The check: after a pin that fails the command has not run. An orphan would
# hold the pipe, for which attempt waits.
does_not_run_on() { # TOOL OPTION...
	attempt "$@" sh -c 'echo ran'
	show "$@"
	[ "$status" -ne 0 ] && [ -z "$output" ]
}

@test "peers: when a namespace cannot be pinned the command does not run" {
	requires userns
	only_the_peer_fails does_not_run_on -r -f --uts=/no/such/dir/pin
	we_refuse "'/no/such/dir/pin'" -r -f --uts=/no/such/dir/pin
}

@test "peers: when a mount or PID namespace cannot be pinned the command does not run" {
	requires root
	only_the_peer_fails does_not_run_on -f --mount=/no/such/dir/pin
	only_the_peer_fails does_not_run_on -f --pid=/no/such/dir/pin
	we_refuse "'/no/such/dir/pin'" -f --mount=/no/such/dir/pin
	we_refuse "'/no/such/dir/pin'" -f --pid=/no/such/dir/pin
}

# The check: with --kill-child the command dies when the tool is killed. By the
# time the tool has been waited for, a command that is to die has its SIGKILL, so
# it can no more answer to a SIGUSR1.
takes_its_child_along() { # TOOL OPTION...
	start_holding "$@" || return 99
	kill -KILL "$tool_pid"
	ended "$tool_pid"
	kill -USR1 "$child_pid" 2>/dev/null || true
	wait_for gone "$child_pid" || return 99
	! grep -q alive "$printed"
}

@test "peers: --kill-child alone is seen to work in both" {
	takes_its_child_along unshare -f --kill-child
	takes_its_child_along ns-unshare -f --kill-child
}

@test "peers: --kill-child with --setuid kills the child" {
	requires root
	only_the_peer_fails takes_its_child_along -f --kill-child --setuid=65534
}

@test "peers: --kill-child with --setgid kills the child" {
	requires root
	only_the_peer_fails takes_its_child_along -f --kill-child --setgid=65534
}

@test "peers: --kill-child with -p, --mount-proc, --setuid and --setgid kills the child" {
	requires root
	only_the_peer_fails takes_its_child_along -pf --kill-child --mount-proc \
		--setgid=65534 --setuid=65534
}

# --- Mounts

# The check: a mount made by the command stays in its mount namespace, below a
# root that is shared.
keeps_its_mounts() { # TOOL OPTION...
	local tool=$1
	shift
	fresh '
		mkdir leak
		mount --make-rshared /
		"$@" mount -t tmpfs LEAKED leak || exit
		! grep -q LEAKED /proc/self/mountinfo; exit'
	attempt "$tool" "$@"
	show "$tool" "$@"
	[ "$status" -eq 0 ]
}

# Both are private by default; --propagation=shared means the same in both, and
# shows that the check sees a leak.
@test "peers: mounts do not leak below a shared root unless they are asked to" {
	keeps_its_mounts ns-unshare -m
	keeps_its_mounts ns-unshare -pf --mount-proc
	keeps_its_mounts ns-unshare -m --propagation=slave
	keeps_its_mounts ns-unshare -pf --mount-proc --propagation=slave
	if keeps_its_mounts unshare -m --propagation=shared; then false; fi
	if keeps_its_mounts ns-unshare -m --propagation=shared; then false; fi
}

# --- ns-enter

@test "peers: ns-enter -S and -G of 2^32 are not root" {
	requires root
	target -u
	only_the_peer_fails refuses -t "$target" -u -S 4294967296
	only_the_peer_fails refuses -t "$target" -u -G 4294967296
	we_refuse "option '--setuid': " -t "$target" -u -S 4294967296
	we_refuse "option '--setgid': " -t "$target" -u -G 4294967295
}

# Refused by nsenter from 2.42 on.
@test "peers: ns-enter -t of 2^32 and more is not another process" {
	requires root
	target -u
	we_refuse "'$((target + 4294967296))'" -t $((target + 4294967296)) -u
	if peer_is 2.38; then
		only_the_peer_fails refuses -t $((target + 4294967296)) -u
	fi
}

# The check: the current directory is inside the root directory that was asked for.
enters_inside() { # TOOL OPTION...
	attempt "$@" /usr/bin/compat-probe
	show "$@"
	[ "$status" -eq 0 ] && [ "$(line cwd)" = / ]
}

@test "peers: with ns-enter --root the directory is not outside of it" {
	requires userns
	target -rm
	copied_jail
	only_the_peer_fails enters_inside -t "$target" -U --preserve-credentials -r"$PWD/jail"
	only_the_peer_fails enters_inside -t "$target" -U -m --preserve-credentials \
		--root="$PWD/jail"
}

# The check: it is not in a root directory and out of it at once.
refuses_outside() { # TOOL OPTION...
	attempt "$@" /usr/bin/compat-probe
	show "$@"
	[ "$status" -ne 0 ] || [[ $(line cwd) == /* ]]
}

@test "peers: ns-enter --wd does not lead out of --root" {
	requires userns
	target -rm
	copied_jail
	only_the_peer_fails refuses_outside -t "$target" -U --preserve-credentials -rjail -w.
	only_the_peer_fails refuses_outside -t "$target" -U --preserve-credentials -rjail -w/usr
}

# The check: the tool dies of the command's signal, blocked or ignored as it may be.
ends_as_its_command() { # TOOL OPTION...
	attempt "$@" env --default-signal="$signal" sh -c 'kill -"$0" $$' "$signal"
	show "$signal" "$@"
	[ "$status" -eq $((128 + $(kill -l "$signal"))) ] && [ -z "$said" ]
}

@test "peers: ns-enter has the status of a command that died of an ignored signal" {
	requires userns
	target -rmpf
	for signal in HUP TERM; do
		around=(env --ignore-signal="$signal")
		only_the_peer_fails ends_as_its_command -t "$target" -U -p -m \
			--preserve-credentials
	done
}

# Right in 2.38's nsenter, too.
@test "peers: a command of ns-enter that is killed is not a failure of the tool" {
	requires userns
	target -rmpf
	ends_killed() {
		attempt "$@" sh -c 'kill -KILL $$'
		show "$@"
		[ "$status" -eq 137 ] && [ -z "$said" ]
	}
	ends_killed ns-enter -t "$target" -U -p -m --preserve-credentials
}

# The check: a script that names /proc/self/exe does not run our program inside.
keeps_its_program() { # TOOL OPTION...
	printf '#!/proc/self/exe --version\n' >"$BATS_TEST_TMPDIR/evil"
	chmod +x "$BATS_TEST_TMPDIR/evil"
	attempt "$@" "$BATS_TEST_TMPDIR/evil"
	show "$@"
	[ "$status" -ne 0 ] && [ -z "$output" ]
}

@test "peers: ns-enter does not execute itself for those inside" {
	requires userns
	target -rm
	only_the_peer_fails keeps_its_program -t "$target" -U -m --preserve-credentials
	[ "$status" -ne 126 ]
	keeps_its_program ns-enter -t "$target" -U -m --preserve-credentials
	[ "$status" -eq 126 ]
}

@test "peers: no descriptor of ns-enter's reaches the command" {
	requires userns
	target -rmuinpCTf
	local options script='for ((i = 0; i < 300; i++)); do
		if { true >&$i; } 2>/dev/null || { true <&$i; } 2>/dev/null; then
			printf "%s " $i
		fi
	done'
	attempt bash -c "$script"
	own=$output
	for options in '' -F '-p' '-p -m' '-w' '-r' '-r -w' '-w/usr -m' '-r/ -m' '-W/usr -m' \
		'-S 0 -p' '-p --kill-child' '--env -u' '--keep-caps -n' '--new-session' \
		"-u/proc/$target/ns/uts -n/proc/$target/ns/net" '--verbose -p'; do
		# shellcheck disable=SC2086
		attempt ns-enter -t "$target" -U --preserve-credentials $options \
			bash -c "$script"
		show "$options"
		[ "$status" -eq 0 ]
		[ "$output" = "$own" ]
	done
}
