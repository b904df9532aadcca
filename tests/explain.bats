#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Failures that explain themselves: the rows of causes.tsv; that explaining costs nothing
# where nothing fails; and ns-unshare --check.
# shellcheck disable=SC2317  # called by the shells of the rows
load helpers/common
load helpers/place

# relink NAME OBJECT... - ns-unshare with these objects in place of those of libcommon.a
relink() {
	local name=$1 link libraries
	shift

	link=$(awk -F ' / ' '{ print $2 }' "$NS_BUILD/flags")
	libraries=$(sed -n 's/^CAPNG_LIBS = //p' config.mk)
	# shellcheck disable=SC2086  # words
	$link -o "$tools/$name" "$NS_BUILD/cmd/ns-unshare.o" "$@" "$NS_BUILD/libcommon.a" $libraries
}

# Two more builds of ns-unshare, beside the tools: one that reads what is the machine's in
# the directory "proc" here, and one that explains nothing.
setup_file() {
	cd "$NS_ROOT"
	tools=$BATS_FILE_TMPDIR/tools
	mkdir "$tools" "$tools/objects"
	cp -r "$NS_BUILD"/ns-* "$NS_BUILD/helpers" "$tools"
	make -s --no-print-directory DEPS=no B="$tools/objects" CPPFLAGS='-DPROBE_PROC=\"proc\"' \
		"$tools/objects/common/probe.o" >/dev/null
	relink ns-unshare-faked "$tools/objects/common/probe.o"
	nm "$NS_BUILD"/common/explain*.o | sed -n 's/.* T \(explain_.*\)/void \1(void);void \1(void) {}/p' \
		>"$tools/stub.c"
	cc -c -o "$tools/stub.o" "$tools/stub.c"
	relink ns-unshare-mute "$tools/stub.o"
	export NS_BUILD=$tools
}

# What the inputs may call, besides what helpers/place.bash has.

# fake FILE TEXT - that is what the machine has there
fake() {
	mkdir -p "proc/${1%/*}"
	echo "$2" >"proc/$1"
}

# apparmor LABEL - it restricts user namespaces, and this is what it calls us
apparmor() {
	fake sys/kernel/apparmor_restrict_unprivileged_userns 1
	fake self/attr/current "$1"
}

# The map of ns-unshare's new user namespace is written while it waits to do so.
write_meanwhile() {
	local tool

	strace -fqqo calls -e trace=write -e inject=write:delay_enter=2s:when=2 ns-unshare -r true &
	wait_for has_two_lines calls
	tool=$(sed 's/ .*//;q' calls)
	echo "7 $(id -u) 1" >"/proc/$tool/uid_map"
	wait $!
}

has_two_lines() {
	[ "$(wc -l <"$1" 2>/dev/null)" -ge 1 ] && [ -n "$(sed -n 2p "$1")" ]
}

# without_proc COMMAND... - in a mount namespace of a user namespace, in which is no proc
without_proc() {
	unshare -Urm bash -ec '
		mkdir jail jail/proc
		mount --bind jail jail
		for from in /usr /bin /lib /lib64 /sbin "$(dirname "$(type -P "$0")")"; do
			[ -d $from ] || continue
			mkdir -p jail$from
			mount --rbind $from jail$from
		done
		exec ns-unshare -r --root=jail --pivot "$0" "$@"' "$@"
}

# in_larger_number COMMAND... - in a mount namespace with a larger number than its next
# one: Linux 6.18 hands numbers out to each CPU apart
in_larger_number() {
	local a b from to

	a=$(taskset -c 0 unshare -m inside mounts) b=$(taskset -c 1 unshare -m inside mounts)
	from=0 to=1
	[ "$a" -gt "$b" ] || { from=1; to=0; }
	taskset -pc $from $$ >/dev/null
	unshare -m --propagation private taskset -c $to "$@"
}

# in_directory COMMAND... - below a chroot to a directory, without /proc, unless $more has that
in_directory() {
	local from

	mkdir jail
	# shellcheck disable=SC2086  # words
	for from in /usr /bin /lib /lib64 /sbin /mnt/tools $more; do
		[ -d $from ] || continue
		mkdir -p jail$from
		mount --rbind $from jail$from
	done
	chroot jail "$(PATH=$PATH type -P "$1")" "${@:2}"
}

mount_net() {
	: >net
	mount --bind "/proc/$pid/ns/net" net
}

# A process of ours that nobody may look at: its program may be run, but not read.
undumpable() {
	cp "$(type -P sleep)" unreadable
	chmod 111 unreadable
	./unreadable 1000 </dev/null >/dev/null 2>&1 &
	pid=$!
	# shellcheck disable=SC2064  # what is known now
	trap "kill -KILL $pid" EXIT
	disown
	wait_for grep -q unreadable /proc/$pid/comm
}

place_functions+=$'\n'$(declare -f fake apparmor write_meanwhile has_two_lines without_proc in_larger_number in_directory \
	mount_net undumpable)

probe_initial_pid() { [ "$(ns pid)" = 'pid:[4026531836]' ]; }
probe_initial_user() { [ "$(ns user)" = 'user:[4026531837]' ]; }

# explained LINE - as each of those whom it is for; prints what it did otherwise
explained() {
	local who needs input hint as last need

	IFS=$'\t' read -r who input hint <<<"$1"
	read -r who needs <<<"$who"
	for need in $needs; do
		case $need in
		*:*) probe_"${need%%:*}" "${need#*:}" ;;
		*) probe_"$need" ;;
		esac || { echo "$need" >>"$BATS_TEST_TMPDIR/absent"; return; }
	done
	for as in root user; do
		[ "$who" = both ] || [ "$who" = $as ] || continue
		[ $as = user ] || probe_root || continue
		echo "$as" >>"$BATS_TEST_TMPDIR/ran"
		in_place $as "$input" >/dev/null 2>"$BATS_TEST_TMPDIR/err"
		case $? in 12[567]) ;; *) echo "as $as, status $?: $input" ;; esac
		last=$(grep '^ns-' "$BATS_TEST_TMPDIR/err" | tail -n 1)
		case $hint in
		-) [[ -n $last && $last != *": hint: "* ]] ;;
		*) [[ $last =~ ^ns-[a-z]+(-faked)?:\ hint:\ ($hint)$ ]] ;;
		esac || printf 'as %s: %s\n  wanted: %s\n  came: %s\n' "$as" "$input" "$hint" \
			"$(cat "$BATS_TEST_TMPDIR/err")"
	done
}

# causes SECTION - the rows of causes.tsv below that heading
causes() {
	local line wrong

	wrong=$(sed -n "/^# $1\$/,/^# /{/^#/!p}" "$BATS_TEST_DIRNAME/causes.tsv" |
		while IFS= read -r line; do explained "$line"; done)
	[ -z "$wrong" ] || { echo "$wrong"; false; }
	[ ! -e "$BATS_TEST_TMPDIR/absent" ] || skip "requires: $(head -n 1 "$BATS_TEST_TMPDIR/absent")"
	[ -e "$BATS_TEST_TMPDIR/ran" ] || requires root
}

@test "explain: limits, and types of namespaces" {
	requires userns
	causes 'Limits and types of namespaces'
}

@test "explain: privilege, chroots, filters, security modules" {
	requires userns
	causes Privilege
}

@test "explain: maps of user and group IDs" {
	requires userns
	causes Maps
}

@test "explain: mounts, and namespaces kept at files" {
	requires userns
	causes Mounts
}

@test "explain: what is joined, and the process that is looked at" {
	requires userns
	causes Joins
}

@test "explain: programs that cannot be executed" {
	requires userns
	causes Programs
}

@test "explain: no hint where none of these is the cause" {
	requires userns
	causes 'What is no cause of all these'
}

# What works, in ten ways.
successes=(
	'true' '-U true' '-r id' '-c -n true' '-r -m true' '-rp --mount-proc ps' '-a true'
	'-r --hostname=blue uname -n' '-rT --monotonic=9 true' '-a --dry-run true'
)

# calls TOOL ARGUMENT... - the system calls, one a line, with their numbers
calls() {
	timeout -k 1 20 strace -fqqc -U name,calls,errors -S name -o "$BATS_TEST_TMPDIR/count" "$@" >/dev/null
	cat "$BATS_TEST_TMPDIR/count"
}

@test "explain: nothing is done or said where nothing fails" {
	requires userns proc timens cmd strace cmd ps
	local line
	for line in "${successes[@]}"; do
		# shellcheck disable=SC2086  # words
		run -0 --separate-stderr timeout -k 1 20 ns-unshare-mute $line
		# shellcheck disable=SC2086
		run -0 --separate-stderr timeout -k 1 20 ns-unshare $line
		[[ $stderr != *hint:* ]]
		# shellcheck disable=SC2086
		calls ns-unshare $line >"$BATS_TEST_TMPDIR/with"
		# shellcheck disable=SC2086
		calls ns-unshare-mute $line >"$BATS_TEST_TMPDIR/without"
		diff "$BATS_TEST_TMPDIR/with" "$BATS_TEST_TMPDIR/without"
	done
	run -125 --separate-stderr timeout -k 1 20 ns-unshare-mute -r --root=/dev/null true
	[ ${#stderr_lines[@]} = 1 ]
	run -125 --separate-stderr unshare -U timeout -k 1 20 ns-unshare-mute -U true
	[ ${#stderr_lines[@]} = 1 ]
}

# Its /, shared, is no mount point; a mount in there must not be seen by the others.
@test "explain: below a chroot, where / is no mount, new mounts are private all the same" {
	requires root
	run -0 in_place root '
		mount --make-shared /mnt
		mkdir -p jail/x jail/proc
		for from in /usr /bin /lib /lib64 /sbin /proc /mnt/tools; do
			[ -d $from ] || continue
			mkdir -p jail$from
			mount --rbind $from jail$from
		done
		cd jail/x
		chroot .. /mnt/tools/ns-unshare -m sh -c "
			mount -t tmpfs none /x && grep -c \" /x \" /proc/self/mountinfo"
		! grep " /mnt/work/jail/x " /proc/self/mountinfo
		chroot .. /mnt/tools/ns-unshare -m --wd=/x pwd
		chroot .. /mnt/tools/ns-unshare -v -m true 2>real
		chroot .. /mnt/tools/ns-unshare --dry-run -m true 2>dry
		diff <(sed "s/ = .*//; s/([0-9]*)/(FD)/" real) <(cat dry)
		chroot .. unshare -m true 2>/dev/null || echo peer fails'
	[ "$output" = $'1\n/x\npeer fails' ]
}

# check [COMMAND...] - ns-unshare --check, below that; the lines that begin with blanks joined
check() {
	timeout -k 1 60 "$@" ns-unshare --check >"$BATS_TEST_TMPDIR/lines" 2>&1 || echo "status $?"
	awk 'length > 80 { print "too long:" }
		/^ / { sub(/^ +/, " "); line = line $0; next }
		{ if (NR > 1) print line; line = $0 }
		END { print line }' "$BATS_TEST_TMPDIR/lines" | tr -s ' '
}

no_limit='raise it with '\''sysctl user\.max_net_namespaces=1000'\'

@test "ns-unshare: --check says what works, by itself or in a user namespace, and leaves nothing" {
	requires userns proc timens
	local how='' pin='' before after name
	probe_root || { how=', in a new user namespace (-r)'; pin=', in new user and mount namespaces (-rm)'; }
	before=$(cat /proc/self/mountinfo; hostname; find . -newer "$BATS_TEST_TMPDIR")
	run -0 check
	after=$(cat /proc/self/mountinfo; hostname; find . -newer "$BATS_TEST_TMPDIR")
	[ "$before" = "$after" ]
	[[ $output == *"user yes"$'\n'* ]]
	[[ $output == *"id maps yes"$'\n'* ]]
	for name in mnt uts ipc net pid cgroup time 'mounting proc'; do
		[[ $output == *$'\n'"$name yes$how"$'\n'* ]]
	done
	[[ $output$'\n' == *$'\n'"pinning yes"$'\n'* ]]
	[[ $output$'\n' == *$'\n'"keeping at files yes$pin"$'\n'* ]]
	[[ $output == *$'\n'"subordinate ids "* ]]
	[ "$(grep -cv ^status <<<"$output")" = 13 ]
}

@test "ns-unshare: --check ends with 0 where all works, else with 1" {
	requires root newuidmap proc timens
	run -0 in_place root 'subids root:100000:9; ns-unshare --check >all; echo $?; as_user ns-unshare --check >all; echo $?'
	[ "$output" = $'0\n1' ]
	run -0 in_place root 'subids plain:100000:9; as_user ns-unshare --check; echo $?'
	[ "${lines[-1]}" = 0 ]
	[[ $output == *"subordinate ids  yes"* ]]
}

@test "ns-unshare: --check names the limits, filters and IDs that are in its way" {
	requires userns proc
	run -0 check unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_net_namespaces; exec "$@"' sh
	[ "${lines[0]}" = 'status 1' ]
	[[ $output =~ $'\n'"net no: user.max_net_namespaces is 0; "$no_limit$'\n' ]]
	[[ $output == *$'\nuts yes\n'* ]]
	run -0 check unshare -Ur sh -c 'for f in /proc/sys/user/max_*_namespaces; do echo 0 >$f; done; exec "$@"' sh
	[ "$(grep -c ' no: user\.max_[a-z]*_namespaces is 0; ' <<<"$output")" -ge 10 ]
	[[ $output == *$'\nkeeping at files no: you lack CAP_SYS_ADMIN over the mount namespace that you are in; '* || $output == *$'\nkeeping at files no: user.max_'* ]]
	run -0 check filter user net
	[[ $output == *$'\nuser no: a filter of system calls (seccomp) refuses user here; if '* ]]
	grep -qE '^net no: a filter of system calls \(seccomp\) refuses (user, )?net here; ' <<<"$output"
	! probe_root || [[ $output == *$'\nuts yes\n'* ]]
	run -0 check unshare -U
	[[ $output == *$'\nuser no: your user ID is not mapped in the user namespace that you are in; '* ]]
}

@test "ns-unshare: --check looks at the registry of pinned sets, and makes none" {
	requires root
	run -0 in_place root 'mount -t tmpfs -o mode=755 none /run; mount -t tmpfs -o mode=1777 none /tmp
		ns-unshare --check >/mnt/out; ls -A /tmp; ls -d /run/ns 2>/dev/null; grep pinning /mnt/out
		mkdir /run/ns; ns-unshare --check | grep -A 1 pinning
		chmod 711 /run/ns; ns-unshare --check | grep pinning
		mkdir -m 700 /tmp/ns-65534; as_user ns-unshare --check | grep pinning'
	echo "$output"
	[ "${lines[0]}" = 'pinning          yes' ]
	[[ ${lines[1]} == "pinning          no: "*'other users can read there'* ]]
	[ "${lines[3]}" = 'pinning          yes' ]
	[[ ${lines[4]} == "pinning          no: "* ]]
}

@test "ns-unshare: --check names a /proc that is not mounted" {
	requires root
	run -0 in_place root 'mount -t tmpfs none /proc; ns-unshare --check; echo $?'
	[ "${lines[-1]}" = 1 ]
	local line
	for line in time 'id maps' 'keeping at files'; do
		[[ $output == *$'\n'"$(printf '%-17s' "$line")no: /proc is not mounted; run 'mount -t proc proc /proc'"* ]]
	done
}

# A security module lets the user namespace be made, and then refuses its capabilities.
@test "ns-unshare: --check uses a capability, and does not believe unshare(2) alone" {
	requires userns cmd strace
	run -1 timeout -k 1 60 strace -fqqo /dev/null -e inject=chroot:error=EPERM ns-unshare --check
	[[ $output == *"user             no: cannot use a capability in it: Operation not permitted"* ]]
	cd "$BATS_TEST_TMPDIR"
	apparmor 'unprivileged_userns (enforce)'
	run -1 timeout -k 1 60 strace -fqqo /dev/null -e inject=chroot:error=EPERM ns-unshare-faked --check
	[[ ${output//$'\n'+( )/ } == *"user             no: AppArmor lets the user namespace be made, "* ]]
}

@test "ns-unshare: --check --json says the same, as an object" {
	requires userns proc cmd python3
	run -0 unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_net_namespaces
		timeout -k 1 60 ns-unshare --check --json | python3 -c "
import json, sys
o = json.load(sys.stdin)
by = {c[\"check\"]: c for c in o[\"checks\"]}
print(o[\"schema\"], o[\"works\"], len(by), sorted(by[\"net\"]))
print(by[\"uts\"][\"works\"], by[\"uts\"][\"userns\"], by[\"uts\"][\"reason\"], by[\"uts\"][\"hint\"])
print(by[\"net\"][\"works\"], by[\"net\"][\"reason\"], by[\"net\"][\"hint\"])"'
	[ "${lines[0]}" = "1 False 13 ['check', 'hint', 'reason', 'userns', 'works']" ]
	[ "${lines[1]}" = 'True False None None' ]
	[[ ${lines[2]} =~ ^"False cannot create a new net namespace: No space left on device user.max_net_namespaces is 0; "$no_limit$ ]]
}

@test "ns-unshare: --check stands alone" {
	local line
	for line in '--check true' '--check -- true'; do
		# shellcheck disable=SC2086  # words
		run -125 --separate-stderr timeout -k 1 20 ns-unshare $line
		[ "$stderr" = "ns-unshare: option '--check': takes no command" ]
	done
	for line in '--check -r:map-root-user' '-a --check:all' '--check --dry-run:dry-run' \
		'--check --map-root-user:map-root-user' '--check -v --json:verbose'; do
		# shellcheck disable=SC2086
		run -125 --separate-stderr timeout -k 1 20 ns-unshare ${line%:*}
		[ "$stderr" = "ns-unshare: option '--check': cannot stand beside '--${line##*:}'" ]
	done
	run -125 --separate-stderr timeout -k 1 20 ns-unshare --json
	[ "$stderr" = "ns-unshare: option '--json': needs '--check'" ]
	run -125 --separate-stderr sh -c 'ns-unshare --check >/dev/full'
	[[ $stderr == "ns-unshare: cannot write"* ]]
}
