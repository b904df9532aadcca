#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The same command lines run by ns-unshare and by the installed unshare, by ns-enter
# and by the installed nsenter.
#
# Each test is one command line. "same OPTIONS" lets both tools run
# compat-probe (helpers/compat-probe.c), which prints the namespaces, id maps,
# capabilities, mounts, descriptors, signals, limits and environment that a
# command sees, and demands equal output. "gives STATUS LINE" runs a command of
# the line's own and compares its output and status. "fails OPTIONS" demands
# that neither tool runs the command. What differs on purpose is the closed list
# in the man page's DIFFERENCES, asserted for both tools at the end of the file.
#
# The reference is util-linux 2.43; where the installed one may be older and
# differs from that, the line is left out and a comment says so.

# shellcheck disable=SC2034,SC2154 # what helpers/compat reads and sets
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/compat

# --- Who runs a line: a line without one of these two runs in both halves.

root() { requires root; }
user() { requires user; }

# --- What is demanded of a line.

# Runs the line with both tools and shows, should the test fail, what each did.
attempt_both() { # ARG...
	attempt "$peer" "$@"
	peer_status=$status peer_output=$output
	echo "$peer $*: status $status${said:+, said: $said}"
	attempt "$ours" "$@"
	echo "$ours $*: status $status${said:+, said: $said}"
	diff -u --label "$peer" --label "$ours" \
		<(echo "$peer_output") <(echo "$output")
}

gives() { # STATUS ARG...
	local want=$1
	shift
	attempt_both "$@"
	[ "$peer_status" -eq "$want" ]
	[ "$status" -eq "$want" ]
}

same() { # ARG...
	gives 0 "$@" compat-probe
	[ -n "$output" ]
}

# A signal other than KILL is left to the process that watches, so that it comes once.
same_but_pdeathsig() { # ARG...
	gives 0 "$@" sh -c 'compat-probe | sed "s/^pdeathsig [0-9]*//"'
	[ -n "$output" ]
}

# After this, where a command is looked for has no directory that may not be read.
plain_path() {
	around=(sh -c 'tool=$(command -v "$1"); shift; PATH=/usr/bin:/bin exec "$tool" "$@"' sh)
}

fails() { # ARG...
	attempt_both "$@" compat-probe
	[ "$peer_status" -ne 0 ]
	[ "$status" -eq 125 ]
	[[ $said == *"$ours: "* ]]
	[ -z "$output" ]
}

# Both tools pin the namespace of that type on the file "pin", and it is the
# one that the command was in.
pins() { # TYPE ARG...
	local type=$1
	shift
	around+=(sh -c '
		"$@" readlink "/proc/self/ns/$0" >link || exit
		[ "$(cat link)" = "$0:[$(stat -L -c %i pin)]" ] || exit 99
		[ "$(stat -f -c %T pin)" = nsfs ] || exit 98
		echo pinned' "$type")
	gives 0 "$@"
	[ "$output" = pinned ]
}

# --- One type of namespace at a time

@test "compat: no option" { same; }
@test "compat: -m" { root; same -m; }
@test "compat: -u" { root; same -u; }
@test "compat: -i" { root; same -i; }
@test "compat: -n" { root; same -n; }
@test "compat: -pf" { root; same -pf; }
@test "compat: -U" { requires userns; same -U; }
@test "compat: -C" { root; same -C; }
@test "compat: -T" { root; requires timens; same -T; }
@test "compat: --mount" { root; same --mount; }
@test "compat: --uts" { root; same --uts; }
@test "compat: --ipc" { root; same --ipc; }
@test "compat: --net" { root; same --net; }
@test "compat: --pid --fork" { root; same --pid --fork; }
@test "compat: --user" { requires userns; same --user; }
@test "compat: --cgroup" { root; same --cgroup; }
@test "compat: --time" { root; requires timens; same --time; }

@test "compat: -m is refused to an ordinary user" { user; fails -m; }
@test "compat: -u is refused to an ordinary user" { user; fails -u; }
@test "compat: -n is refused to an ordinary user" { user; fails -n; }
@test "compat: -pf is refused to an ordinary user" { user; fails -pf; }
@test "compat: -T is refused to an ordinary user" { user; requires timens; fails -T; }

# --- Several at once

@test "compat: -mu" { root; same -mu; }
@test "compat: -muin" { root; same -muin; }
@test "compat: -f -n -i -u -m -p" { root; same -f -n -i -u -m -p; }
@test "compat: -Um" { requires userns; same -Um; }
@test "compat: -Uu" { requires userns; same -Uu; }
@test "compat: -Upf" { requires userns; same -Upf; }
@test "compat: -rm" { requires userns; same -rm; }
@test "compat: -ru" { requires userns; same -ru; }
@test "compat: -ri" { requires userns; same -ri; }
@test "compat: -rn" { requires userns; same -rn; }
@test "compat: -rC" { requires userns; same -rC; }
@test "compat: -rT" { requires userns timens; same -rT; }
@test "compat: -rpf" { requires userns; same -rpf; }
@test "compat: -muinpUCTrf, all types" {
	requires userns timens
	same -muinpUCTrf
}
@test "compat: -u -u, an option twice" { root; same -u -u; }

# --- How options are written

@test "compat: -- ends the options" { requires userns; same -ru --; }
@test "compat: -- belongs to the command after the command" {
	gives 0 sh -c 'echo "$@"' sh -- -u --uts
}
@test "compat: options after the command are the command's" { gives 0 echo -u --nonsense; }
@test "compat: after -- a command may not begin with an option" { plain_path; gives 127 -- -u; }
@test "compat: values attached to a letter, apart, and after =" {
	requires userns
	same -rw/tmp -S 0 --wd=/usr
}
@test "compat: a value that is missing" { fails --setuid; }
@test "compat: a value where none is taken" { fails --fork=1; }
@test "compat: an unknown letter" { fails -Z; }
@test "compat: an unknown long option" { fails --nonsense; }
@test "compat: --us --ut --i --n" { requires userns; same --us --map-r --ut --i --n; }
@test "compat: --cg --ti --mount" { requires userns timens; same --us --map-r --cg --ti --mount; }
@test "compat: --pi --fork" { requires userns; same --map-root --pi --fork; }
@test "compat: --map-c" { requires userns; same --map-c; }
@test "compat: --mount-p --ki --pr" {
	requires userns proc
	same --map-r --pi --ki --mount-p --pr private
}
@test "compat: --setu --setgi" { root; same --setu 65534 --setgi 65534; }
@test "compat: --setgr --ke" { requires userns; same --us --setgr deny --ke; }
@test "compat: --r --wd" { root; same --r / --wd /; }
@test "compat: --mon --b" {
	requires userns timens
	same --map-r --time --mon 100 --b 1000
}
@test "compat: --map- is ambiguous" { fails --map-; }
@test "compat: --set is ambiguous" { fails --set 0; }
# The installed unshare may not have all of them, so that this is compared with the
# full names: the plan printed is the same.
@test "compat: each unambiguous abbreviation of a long option of unshare is that option" {
	local options option name length short plan matches
	local -A seen
	options=$(printf '%s\n' help version mount uts ipc net pid user cgroup time fork \
		kill-child forward-signals mount-proc mount-binfmt map-user=3 \
		map-users=3:"$(id -u)":1 map-group=3 map-groups=3:"$(id -g)":1 map-root-user \
		map-current-user map-auto map-subids owner=0:0 propagation=slave setgroups=deny \
		keep-caps setuid=0 setgid=0 root=/usr wd=/usr monotonic=1 boottime=1 \
		load-interp=:a:M::b::c: clear-env whitelist-env=A)
	for option in $options; do
		name=${option%%=*}
		plan=$(plan_of "$option")
		[[ $plan == "0 "* || $plan == "125 "* ]]
		for ((length = 1; length < ${#name}; length++)); do
			short=${name:0:length}
			[ -z "${seen[$short]-}" ] || continue
			seen[$short]=1
			matches=$(grep -c "^$short" <<<"$options")
			if [ "$matches" -eq 1 ]; then
				echo "--$short for --$name:"
				diff <(echo "$plan") <(plan_of "$short${option#"$name"}")
			elif ! grep -qE "^$short(=|$)" <<<"$options"; then
				attempt ns-unshare "--$short${option#"$name"}" true
				echo "--$short is ambiguous: status $status, said: $said"
				[ "$status" -eq 125 ]
			fi
		done
	done
}

plan_of() { # OPTION
	attempt ns-unshare -UT --dry-run "--$1" true
	echo "$status $output $said"
}

@test "compat: --h and --v are help and version" {
	attempt unshare --h
	[ "$status" -eq 0 ]
	attempt ns-unshare --h
	[ "$status" -eq 0 ]
	[[ $output == *--map-root-user* ]]
	attempt unshare --v
	[ "$status" -eq 0 ]
	[ "$(wc -l <<<"$output")" -eq 1 ]
	attempt ns-unshare --v
	[ "$status" -eq 0 ]
	[ "$(wc -l <<<"$output")" -eq 1 ]
}

# --- Forking

@test "compat: -f" { same -f; }
@test "compat: -f with new namespaces" { requires userns; same -f -rui; }
@test "compat: --kill-child" { same --kill-child; }
@test "compat: --kill-child=TERM" { same_but_pdeathsig --kill-child=TERM; }
@test "compat: --kill-child=SIGHUP" { same_but_pdeathsig -f --kill-child=SIGHUP; }
@test "compat: --kill-child=hup" { same_but_pdeathsig --kill-child=hup; }
@test "compat: --kill-child=RTMIN+3" { same_but_pdeathsig --kill-child=RTMIN+3; }
@test "compat: --kill-child of a PID 1" { requires userns; same -rp --kill-child; }
@test "compat: --kill-child=FOO" { fails --kill-child=FOO; }

# --- Ids in a user namespace

@test "compat: -r" { requires userns; same -r; }
@test "compat: -U -r" { requires userns; same -U -r; }
@test "compat: --map-root-user" { requires userns; same --map-root-user; }
@test "compat: -c" { requires userns; same -c; }
@test "compat: --map-current-user" { requires userns; same --map-current-user; }
@test "compat: -r -c, the last one counts" { requires userns; same -r -c; }
@test "compat: -c -r, the last one counts" { requires userns; same -c -r; }
@test "compat: -r --map-user=5" { requires userns; same -r --map-user=5; }
@test "compat: --map-user=5 -r" { requires userns; same --map-user=5 -r; }
@test "compat: --map-user=1000" { requires userns; same --map-user=1000; }
@test "compat: --map-user=NAME" { requires userns; same --map-user=daemon; }
@test "compat: --map-group=1000" { requires userns; same --map-group=1000; }
@test "compat: --map-group=NAME" { requires userns; same --map-group=daemon; }
@test "compat: --map-user=7 --map-group=8" { requires userns; same --map-user=7 --map-group=8; }
@test "compat: --map-user=nosuch" { fails --map-user=no-such-user; }
@test "compat: --map-group=nosuch" { fails --map-group=no-such-group; }
@test "compat: --map-user=" { fails --map-user=; }

@test "compat: --map-users and --map-groups, the comma form" {
	requires newuidmap
	fresh 'subids root:100000:65536'
	same --map-users=100000,0,1000 --map-groups=100500,0,10
}
@test "compat: --map-users=LIST -r" {
	requires newuidmap
	fresh 'subids root:100000:65536'
	same --map-users=100000,1,1000 --map-groups=100000,1,1000 -r
}
@test "compat: --map-users=LIST -S -G --keep-caps" {
	requires newuidmap
	fresh 'subids root:100000:65536'
	same --map-users=100000,0,1000 --map-groups=100000,0,1000 -S 5 -G 6 --keep-caps
}
@test "compat: --map-users by an ordinary user" {
	requires newuidmap
	fresh 'subids nobody:200000:65536'
	as_nobody
	same --map-users=200000,0,1000 --map-groups=200000,0,1000
}
@test "compat: --map-users of one's own id" {
	user
	requires userns newuidmap
	same --map-users="$(id -u),0,1" --map-groups="$(id -g),0,1"
}
@test "compat: --map-users of somebody else's ids" {
	user
	requires userns newuidmap
	fails --map-users=1,0,1 --map-groups=1,0,1
}
# --map-auto together with -r or -c is left out: before 2.39 unshare took one id
# off the range.
@test "compat: --map-auto" {
	requires newuidmap
	fresh 'subids root:100000:65536'
	same --map-auto
}
@test "compat: --map-auto of an ordinary user, by name" {
	requires newuidmap
	fresh 'subids daemon:100000:65536 nobody:200000:65536'
	as_nobody
	same --map-auto
}
@test "compat: --map-auto of an ordinary user, by number" {
	requires newuidmap
	fresh 'subids 1:100000:65536 65534:200000:65536'
	as_nobody
	same --map-auto
}
@test "compat: --map-auto without a line" {
	requires newuidmap
	fresh 'subids daemon:100000:65536'
	as_nobody
	fails --map-auto
}
@test "compat: --map-users=words" { fails --map-users=zero,one,two; }
@test "compat: --map-users of two numbers" { fails --map-users=0,0; }
@test "compat: --map-users=" { fails --map-users=; }

@test "compat: --setgroups=allow" { root; requires userns; same -U --setgroups=allow; }
@test "compat: --setgroups=deny" { requires userns; same -U --setgroups=deny; }
@test "compat: --setgroups deny with --map-user" { requires userns; same --map-user=0 --setgroups deny; }
@test "compat: --setgroups=allow with -r" { requires userns; fails -r --setgroups=allow; }
@test "compat: --setgroups=maybe" { requires userns; fails -U --setgroups=maybe; }

@test "compat: -U --keep-caps" { requires userns; same -U --keep-caps; }
@test "compat: -r --keep-caps" { requires userns; same -r --keep-caps; }
@test "compat: -c --keep-caps" { requires userns; same -c --keep-caps; }
@test "compat: -c --keep-caps -pf" { requires userns; same -c --keep-caps -pf; }
@test "compat: --keep-caps without a user namespace" { same --keep-caps; }

# --- Ids of the command

@test "compat: -S 65534 -G 65534" { root; same -S 65534 -G 65534; }
@test "compat: --setuid=65534 keeps the groups" { root; same --setuid=65534; }
@test "compat: --setgid=65534 drops the groups" {
	root
	around=(setpriv --groups 1,2,3)
	same --setgid=65534
}
@test "compat: -S 5 -S 7, the last one counts" { root; same -S 5 -S 7; }
@test "compat: -f -S 65534 -G 65534 with namespaces" { root; same -fpui -S 65534 -G 65534; }
@test "compat: -r -S 0" { requires userns; same -r -S 0; }
@test "compat: -r -G 0, where setgroups is denied" { requires userns; fails -r -G 0; }
@test "compat: -r -S 5, which is not mapped" { requires userns; fails -r -S 5; }
@test "compat: -S 0 by an ordinary user" { user; fails -S 0; }
@test "compat: --setuid=abc" { fails --setuid=abc; }
@test "compat: --setuid=" { fails --setuid=; }
@test "compat: --setgid=abc" { fails --setgid=abc; }

# --- Mounts

@test "compat: -pf --mount-proc" { root; same -pf --mount-proc; }
@test "compat: -rpf --mount-proc" { requires userns proc; same -rpf --mount-proc; }
@test "compat: --mount-proc below a shared mount" {
	fresh 'mount --make-rshared /'
	same -pf --mount-proc
}
@test "compat: --mount-proc=DIR" { fresh 'mkdir proc'; same -pf --mount-proc=proc; }
@test "compat: --mount-proc without -p shows the old processes" { fresh :; same --mount-proc; }
@test "compat: --mount-proc=/missing" { root; fails -pf --mount-proc=/no/such/dir; }
@test "compat: --mount-proc without a new PID namespace by an ordinary user" {
	user
	requires userns
	fails -r --mount-proc
}
@test "compat: -m below a shared mount is private" { fresh 'mount --make-rshared /'; same -m; }
@test "compat: --propagation=private" { fresh 'mount --make-rshared /'; same -m --propagation=private; }
@test "compat: --propagation=slave" { fresh 'mount --make-rshared /'; same -m --propagation=slave; }
@test "compat: --propagation=shared" { fresh 'mount --make-rshared /'; same -m --propagation=shared; }
@test "compat: --propagation=shared of private mounts" { fresh :; same -m --propagation shared; }
@test "compat: --propagation=unchanged" { fresh 'mount --make-rshared /'; same -m --propagation=unchanged; }
@test "compat: --propagation=slave in a user namespace" { requires userns; same -rm --propagation=slave; }
@test "compat: --propagation without -m" { same --propagation=private; }
@test "compat: --propagation=foo" { root; fails -m --propagation=foo; }

# --- Directories. A relative -w together with -R differs on purpose.

@test "compat: -R DIR" { fresh jail; cd /usr; same -R /mnt/jail; }
@test "compat: -R DIR -w DIR" { fresh jail; same -R jail -w /usr; }
@test "compat: --root=DIR --wd=DIR with namespaces" { fresh jail; same -mupf --root=jail --wd=/; }
@test "compat: -R DIR --mount-proc" { fresh jail; same -mpf -R jail --mount-proc -w /; }
@test "compat: -rR DIR --mount-proc" {
	requires userns proc
	copied_jail
	same -rpf -R jail --mount-proc -w /tmp
}
@test "compat: a command that is not inside -R DIR" {
	requires userns
	mkdir "$BATS_TEST_TMPDIR/empty"
	gives 127 -r -R "$BATS_TEST_TMPDIR/empty" -w / compat-probe
}
@test "compat: -w DIR" { same -w /usr; }
@test "compat: -w of a relative directory" { same --wd usr/bin; }
@test "compat: -w .." { cd /usr/bin; same -w ..; }
@test "compat: --root=/missing" { root; fails --root=/no/such/dir; }
@test "compat: --root=FILE" { root; fails --root=/etc/passwd; }
@test "compat: --root by an ordinary user" { user; fails --root=/; }
@test "compat: --wd=/missing" { fails --wd=/no/such/dir; }
@test "compat: --wd=FILE" { fails --wd=/etc/passwd; }
@test "compat: a current directory that was removed" {
	fresh 'mkdir gone; cd gone; rmdir ../gone'
	same -u
}

# --- Clocks

@test "compat: --monotonic=100" { requires userns timens; same -rT --monotonic=100; }
@test "compat: --boottime 1000" { requires userns timens; same -rT --boottime 1000; }
@test "compat: --monotonic with --boottime and a fork" {
	requires userns timens
	same -rTf --monotonic 86400 --boottime 604800
}
@test "compat: --boottime of a negative offset" { requires userns timens; same -rT --boottime -1; }
@test "compat: --monotonic=0" { requires userns timens; same -rT --monotonic=0; }
@test "compat: --monotonic without -T" { fails --monotonic=1; }
@test "compat: --boottime without -T" { fails --boottime=1; }
@test "compat: --monotonic=abc" { requires timens; fails -rT --monotonic=abc; }
@test "compat: --monotonic of more than the kernel takes" {
	requires userns timens
	fails -rT --monotonic=9223372036854775807
}
@test "compat: --boottime before the boot" { requires userns timens; fails -rT --boottime=-9999999999; }

# --- Files that pin a namespace

@test "compat: --uts=FILE" { fresh '>pin'; pins uts --uts=pin; }
@test "compat: --ipc=FILE" { fresh '>pin'; pins ipc --ipc=pin; }
@test "compat: --net=FILE" { fresh '>pin'; pins net --net=pin; }
@test "compat: --cgroup=FILE" { fresh '>pin'; pins cgroup --cgroup=pin; }
# With -m, because unshare of 2.38 does not pin a user namespace alone.
@test "compat: --user=FILE" { requires userns; fresh '>pin'; pins user -m --user=pin; }
@test "compat: --time=FILE" { requires timens; fresh '>pin'; pins time --time=pin; }
@test "compat: --mount=FILE" { fresh '>pin'; pins mnt --mount=pin; }
@test "compat: --pid=FILE -f" { fresh '>pin'; pins pid --pid=pin -f; }
@test "compat: --uts=FILE -f" { fresh '>pin'; pins uts --uts=pin -f; }
@test "compat: --uts=FILE with an absolute path and other types" {
	fresh '>pin'
	pins uts -ni --uts=/mnt/pin
}
@test "compat: two pins, seen by the command" {
	fresh '>a; >b'
	same --uts=a --ipc=b
}
@test "compat: a pin below a shared mount" {
	fresh '>a; mount --make-rshared /'
	same --net=a
}
@test "compat: --uts=FILE in a missing directory" { root; fails --uts=/no/such/dir/pin; }
@test "compat: a pin by an ordinary user" {
	user
	requires userns
	true >"$BATS_TEST_TMPDIR/pin"
	fails -U --uts="$BATS_TEST_TMPDIR/pin"
}

# --- The command and its status

@test "compat: status 0" { gives 0 true; }
@test "compat: status 1" { gives 1 false; }
@test "compat: status 255" { gives 255 sh -c 'exit 255'; }
@test "compat: status through -f" { gives 3 -f sh -c 'exit 3'; }
@test "compat: status through -pf" { requires userns; gives 200 -rpf sh -c 'exit 200'; }
@test "compat: a command that dies of SIGTERM" { gives 143 -f sh -c 'kill -TERM $$'; }
@test "compat: a command that dies of SIGHUP" { gives 129 -f sh -c 'kill -HUP $$'; }
@test "compat: a command that dies of SIGSEGV" { ulimit -c 0; gives 139 -f sh -c 'kill -SEGV $$'; }
@test "compat: a PID 1 does not die of its own SIGTERM" {
	requires userns
	gives 5 -rpf sh -c 'kill -TERM $$; exit 5'
}
@test "compat: PID 1 is what the command sees" { requires userns; gives 0 -rpf sh -c 'echo $$'; }
@test "compat: a missing command" { gives 127 /no/such/command; }
@test "compat: a missing command, by name" { requires userns; plain_path; gives 127 -r no-such-command; }
@test "compat: a missing command, forked" { requires userns; plain_path; gives 127 -rf no-such-command; }
@test "compat: an empty command" { gives 127 ''; }
@test "compat: a file that is not executable" { gives 126 /etc/passwd; }
@test "compat: a directory" { gives 126 -f /usr; }
@test "compat: a script without #!" {
	printf 'echo ran "$1"\n' >"$BATS_TEST_TMPDIR/script"
	chmod +x "$BATS_TEST_TMPDIR/script"
	gives 0 "$BATS_TEST_TMPDIR/script" one
}
@test "compat: no command runs SHELL as a login shell" {
	stdin=$BATS_TEST_TMPDIR/stdin
	echo 'echo "$0" $#; exit 4' >"$stdin"
	around=(env -i SHELL=/bin/sh HOME=/ "PATH=$PATH")
	gives 4
}
# Without SHELL, unshare takes the shell of the passwd file, but before 2.42 /bin/sh.
@test "compat: no command, in a user namespace" {
	requires userns
	stdin=$BATS_TEST_TMPDIR/stdin
	echo 'echo "$0" $#; exit 4' >"$stdin"
	around=(env -i SHELL=/bin/sh HOME=/ "PATH=$PATH")
	gives 4 -rf
}
@test "compat: standard input is the command's" {
	stdin=$BATS_TEST_TMPDIR/stdin
	echo text >"$stdin"
	gives 0 -f cat
}
@test "compat: standard error is the command's" {
	attempt unshare -f sh -c 'echo text >&2'
	[ "$said" = text ]
	attempt ns-unshare -f sh -c 'echo text >&2'
	[ "$said" = text ]
}

# --- What the caller had

@test "compat: blocked and ignored signals are passed on" {
	around=(env --block-signal=USR1,TERM,INT --ignore-signal=HUP,QUIT,USR2)
	same
}
@test "compat: blocked and ignored signals are passed on through a fork" {
	around=(env --block-signal=USR1,TERM,INT --ignore-signal=HUP,QUIT,USR2)
	same -f
}
@test "compat: an ignored SIGCHLD is not passed on" {
	around=(env --ignore-signal=CHLD)
	same
	gives 0 -f sh -c 'grep SigIgn /proc/self/status'
}
@test "compat: nice, umask and limits are passed on" {
	around=(nice -n 3 sh -c 'umask 027; ulimit -c 0 -n 100; exec "$@"' sh)
	same -f
}
@test "compat: open descriptors are passed on" {
	around=(sh -c 'exec 5</etc/passwd 7>>/dev/null; exec "$@"' sh)
	same -f
}
@test "compat: a closed standard input stays closed" {
	around=(sh -c 'exec "$@" <&-' sh)
	same
}
@test "compat: a closed standard error stays closed, through a fork" {
	requires userns
	around=(sh -c 'exec "$@" 2>&-' sh)
	same -rupf
}
@test "compat: the environment is passed on" {
	around=(env -i A=b 'C=d e' EMPTY= "PATH=$PATH" "COMPAT_REF=$COMPAT_REF")
	same -f
}
@test "compat: no_new_privs and a smaller bounding set are passed on" {
	root
	around=(setpriv --no-new-privs --bounding-set=-sys_time --inh-caps=+net_raw)
	same -u
}
@test "compat: ambient capabilities are passed on" {
	root
	around=(setpriv --reuid=65534 --inh-caps=+sys_admin --ambient-caps=+sys_admin)
	same -u
}

# === nsenter
#
# The targets are made by unshare(1). "rooted" is one of root's, in namespaces of all
# types but a user namespace; "owned" is one of anybody's, with a user namespace where
# the caller is 0. Neither has a proc of its own, so that compat-probe sees itself
# wherever it is.

rooted() {
	root
	requires timens
	target -muinpCTf
}

owned() {
	requires userns timens
	target -rmuinpCTf
}

# What was entered is the target's, and nothing else is.
same_in() { # "TYPE..." ARG...
	local types=$1 found
	shift
	same "$@"
	found=$(sed -n '/_for_children/d; s/^ns \(.*\) target$/\1/p' <<<"$output")
	[ "$(sort <<<"${types// /$'\n'}")" = "$(sort <<<"$found")" ]
	[[ $output != *' new'$'\n'* ]]
}

# --- One type of namespace at a time

@test "compat: nsenter -t PID -m" { rooted; same_in mnt -t "$target" -m; }
@test "compat: nsenter -t PID -u" { rooted; same_in uts -t "$target" -u; }
@test "compat: nsenter -t PID -i" { rooted; same_in ipc -t "$target" -i; }
@test "compat: nsenter -t PID -n" { rooted; same_in net -t "$target" -n; }
@test "compat: nsenter -t PID -p" { rooted; same_in pid -t "$target" -p; }
@test "compat: nsenter -t PID -C" { rooted; same_in cgroup -t "$target" -C; }
@test "compat: nsenter -t PID -T" { rooted; same_in time -t "$target" -T; }
@test "compat: nsenter -t PID -U" { root; owned; same_in user -t "$target" -U; }
@test "compat: nsenter --target=PID --mount" { rooted; same_in mnt --target="$target" --mount; }
@test "compat: nsenter --target PID --uts" { rooted; same_in uts --target "$target" --uts; }
@test "compat: nsenter -tPID --ipc" { rooted; same_in ipc -t"$target" --ipc; }
@test "compat: nsenter --net, then the target" { rooted; same_in net --net -t "$target"; }
@test "compat: nsenter -t PID --pid" { rooted; same_in pid -t "$target" --pid; }
@test "compat: nsenter -t PID --cgroup" { rooted; same_in cgroup -t "$target" --cgroup; }
@test "compat: nsenter -t PID --time" { rooted; same_in time -t "$target" --time; }
@test "compat: nsenter -t PID --user" { root; owned; same_in user -t "$target" --user; }

# --- Several at once

@test "compat: nsenter -t PID -a" {
	rooted
	same_in 'cgroup ipc mnt net pid time uts' -t "$target" -a
}
@test "compat: nsenter --all of a user namespace, too" {
	root
	owned
	same_in 'cgroup ipc mnt net pid time user uts' -t "$target" --all
}
@test "compat: nsenter -aFt PID, a bundle" {
	rooted
	same -aFt "$target"
	same -aFt"$target"
}
@test "compat: nsenter -m -u -i -n -p -C -T" {
	rooted
	same_in 'cgroup ipc mnt net pid time uts' -t "$target" -m -u -i -n -p -C -T
}
@test "compat: nsenter -T -C -p -n -i -u -m -U, in another order" {
	root
	owned
	same_in 'cgroup ipc mnt net pid time user uts' -t "$target" -T -C -p -n -i -u -m -U
}
@test "compat: nsenter -u -u, an option twice" { rooted; same_in uts -t "$target" -u -u; }
@test "compat: nsenter -a -u" {
	rooted
	same_in 'cgroup ipc mnt net pid time uts' -t "$target" -a -u
}
@test "compat: nsenter -u -i of a target that shares the rest" {
	root
	target -ui
	same_in 'ipc uts' -t "$target" -u -i
}
@test "compat: nsenter -u -n of a target that shares one of them" {
	root
	target -u
	same_in uts -t "$target" -u -n
}
@test "compat: nsenter -m -p of a target with a proc of its own" {
	root
	target -mpf --mount-proc
	same_in 'mnt pid' -t "$target" -m -p
}

# --- An ordinary user's, and its user namespace

@test "compat: nsenter -U --preserve-credentials" {
	owned
	same_in user -t "$target" -U --preserve-credentials
	[[ $output == *$'\nUid:\t0\t'* ]]
}
@test "compat: nsenter --user --preserve-credentials with all the others" {
	owned
	same_in 'cgroup ipc mnt net pid time user uts' -t "$target" --user --mount --uts --ipc \
		--net --pid --cgroup --time --preserve-credentials
}
@test "compat: nsenter -a --preserve-credentials" {
	owned
	same_in 'cgroup ipc mnt net pid time user uts' -t "$target" -a --preserve-credentials
}
@test "compat: nsenter -U -n --preserve-credentials" {
	owned
	same_in 'net user' -t "$target" -U -n --preserve-credentials
}
@test "compat: nsenter -U --preserve-credentials, where the caller has another id" {
	requires userns
	target -U --map-user=5 --map-group=6
	same_in user -t "$target" -U --preserve-credentials
	[[ $output == *$'\nUid:\t5\t'* ]]
}
@test "compat: nsenter -U --preserve-credentials, where nothing is mapped" {
	requires userns
	target -U
	same_in user -t "$target" -U --preserve-credentials
}
@test "compat: nsenter -U -S 0 --preserve-credentials" {
	owned
	same_in user -t "$target" -U -S 0 --preserve-credentials
}
@test "compat: nsenter --preserve-credentials without a user namespace" {
	rooted
	same_in uts -t "$target" -u --preserve-credentials
}
@test "compat: nsenter of a namespace of another user namespace is refused to an ordinary user" {
	user
	owned
	other=/proc/$target/ns/net
	owned
	fails -t "$target" -U --preserve-credentials -n"$other"
}

# --- A namespace by its file

@test "compat: nsenter --mount=FILE" { rooted; same_in mnt --mount="/proc/$target/ns/mnt"; }
@test "compat: nsenter --uts=FILE" { rooted; same_in uts --uts="/proc/$target/ns/uts"; }
@test "compat: nsenter --ipc=FILE" { rooted; same_in ipc --ipc="/proc/$target/ns/ipc"; }
@test "compat: nsenter --net=FILE" { rooted; same_in net --net="/proc/$target/ns/net"; }
@test "compat: nsenter --pid=FILE" { rooted; same_in pid --pid="/proc/$target/ns/pid"; }
@test "compat: nsenter --cgroup=FILE" { rooted; same_in cgroup --cgroup="/proc/$target/ns/cgroup"; }
@test "compat: nsenter --time=FILE" { rooted; same_in time --time="/proc/$target/ns/time"; }
@test "compat: nsenter --user=FILE" { root; owned; same_in user --user="/proc/$target/ns/user"; }
@test "compat: nsenter -mFILE" { rooted; same_in mnt -m"/proc/$target/ns/mnt"; }
@test "compat: nsenter -uFILE -iFILE" {
	rooted
	same_in 'ipc uts' -u"/proc/$target/ns/uts" -i"/proc/$target/ns/ipc"
}
@test "compat: nsenter -nFILE" { rooted; same_in net -n"/proc/$target/ns/net"; }
@test "compat: nsenter -pFILE -CFILE" {
	rooted
	same_in 'cgroup pid' -p"/proc/$target/ns/pid" -C"/proc/$target/ns/cgroup"
}
@test "compat: nsenter -TFILE" { rooted; same_in time -T"/proc/$target/ns/time"; }
@test "compat: nsenter -UFILE -nFILE --preserve-credentials" {
	owned
	same_in 'net user' -U"/proc/$target/ns/user" -n"/proc/$target/ns/net" --preserve-credentials
}
@test "compat: nsenter -FuFILE, a bundle with a value" {
	rooted
	same_in uts -Fu"/proc/$target/ns/uts"
}
@test "compat: nsenter --net=FILE with other types of a target" {
	rooted
	same_in 'net uts' -t "$target" --uts --net="/proc/$target/ns/net"
}
@test "compat: nsenter --net=FILE with a relative name" {
	rooted
	cd "/proc/$target/ns"
	same_in net --net=./net
}
@test "compat: nsenter --net=FILE with a bound file, and without a target" {
	requires root
	fresh '
		>pin
		unshare --net=pin true'
	peer=nsenter ours=ns-enter
	same --net=pin
	[ "$(line 'ns net')" = new ]
}
@test "compat: nsenter -t PID -mu, where u is the value of -m" { rooted; fails -t "$target" -mu; }
@test "compat: nsenter --net=FILE of another type" { rooted; fails --net="/proc/$target/ns/uts"; }
@test "compat: nsenter --net=FILE that is no namespace" { rooted; fails --net=/etc/passwd; }
@test "compat: nsenter --net=DIR" { rooted; fails --net=/usr; }
@test "compat: nsenter --net= of nothing" { rooted; fails --net=; }
@test "compat: nsenter --net=/missing" { rooted; fails --net=/no/such/file; }

# --- How options are written

@test "compat: nsenter -- ends the options" { rooted; same_in uts -t "$target" -u --; }
@test "compat: nsenter: options after the command are the command's" {
	rooted
	gives 0 -t "$target" -u echo -u --nonsense -a
}
@test "compat: nsenter --ta --mo --ut --i --pi --cg --ti" {
	rooted
	same_in 'cgroup ipc mnt pid time uts' --ta "$target" --mo --ut --i --pi --cg --ti
}
@test "compat: nsenter --al --pre" {
	owned
	same_in 'cgroup ipc mnt net pid time user uts' --ta="$target" --al --pre
}
@test "compat: nsenter --user --setu --setg --ro --no-f" {
	root
	owned
	same_in 'user uts' --tar="$target" --user --ut --setu 0 --setg 0 --ro --no-f
}
@test "compat: nsenter --se is ambiguous" { rooted; fails -t "$target" -u --se 0; }
@test "compat: nsenter --t is ambiguous" { rooted; fails --t "$target" -u; }
# As for unshare: the installed nsenter has not all of them. Whether one is another
# option's name, too, is decided by nsenter 2.43's options alone.
@test "compat: each unambiguous abbreviation of a long option of nsenter is that option" {
	local options option name length short plan matches
	local -A seen
	owned
	options=$(printf '%s\n' help version all target="$target" mount uts ipc net pid user cgroup \
		time setuid=0 setgid=0 root=/usr wd=/usr wdns=/usr no-fork join-cgroup \
		preserve-credentials keep-caps env follow-context net-socket=0 user-parent)
	for option in $options; do
		name=${option%%=*}
		plan=$(plan_of_entering "$option")
		[[ $plan == "0 "* || $plan == "125 "* ]]
		for ((length = 1; length < ${#name}; length++)); do
			short=${name:0:length}
			[ -z "${seen[$short]-}" ] || continue
			seen[$short]=1
			matches=$(grep -c "^$short" <<<"$options")
			if [ "$matches" -eq 1 ]; then
				echo "--$short for --$name:"
				diff <(echo "$plan") <(plan_of_entering "$short${option#"$name"}")
			elif ! grep -qE "^$short(=|$)" <<<"$options"; then
				attempt ns-enter -t "$target" -u "--$short${option#"$name"}" true
				echo "--$short is ambiguous: status $status, said: $said"
				[ "$status" -eq 125 ]
				[[ $said == *ambiguous* ]]
			fi
		done
	done
}

plan_of_entering() { # OPTION
	local options=(-t "$target" -u)
	[[ $1 != ta* ]] || options=(-u)
	attempt ns-enter "${options[@]}" --dry-run "--$1" true
	echo "$status $output $said"
}

@test "compat: nsenter --h and --ver are help and version" {
	requires cmd nsenter
	for tool in nsenter ns-enter; do
		attempt $tool --h
		[ "$status" -eq 0 ]
		[[ $output == *--preserve-credentials* ]]
		attempt $tool --ver
		[ "$status" -eq 0 ]
		[ "$(wc -l <<<"$output")" -eq 1 ]
	done
}

@test "compat: nsenter: a value that is missing" { rooted; fails -u -t; }
@test "compat: nsenter: a value where none is taken" { rooted; fails -t "$target" -u --all=1; }
@test "compat: nsenter: an unknown letter" { rooted; fails -t "$target" -u -X; }
@test "compat: nsenter: an unknown long option" { rooted; fails -t "$target" -u --nonsense; }
@test "compat: nsenter -u without a target" { requires cmd nsenter; entering; fails -u; }
@test "compat: nsenter -a without a target" { requires cmd nsenter; entering; fails -a; }

entering() { peer=nsenter ours=ns-enter; }

# --- Targets

@test "compat: nsenter -t 0" { requires cmd nsenter; entering; fails -t 0 -u; }
@test "compat: nsenter -t -1" { requires cmd nsenter; entering; fails -t -1 -u; }
@test "compat: nsenter -t 1x" { requires cmd nsenter; entering; fails -t 1x -u; }
@test "compat: nsenter -t ''" { requires cmd nsenter; entering; fails -t '' -u; }
@test "compat: nsenter -t of a process that has ended" {
	rooted
	kill -KILL "$target"
	wait_for test ! -e "/proc/$target"
	fails -t "$target" -u
}
@test "compat: nsenter -t of a process that has ended, with a file of its namespace" {
	rooted
	exec 8<"/proc/$target/ns/uts"
	kill -KILL "$target"
	wait_for test ! -e "/proc/$target"
	gives 0 --uts=/proc/self/fd/8 sh -c '[ "$(readlink /proc/self/ns/uts)" = \
		"$(readlink /proc/self/fd/8)" ] && echo entered'
	[ "$output" = entered ]
	exec 8<&-
}
@test "compat: nsenter --pid=FILE of a PID namespace that has ended" {
	rooted
	exec 8<"/proc/$target/ns/pid"
	kill -KILL "$target"
	wait_for test ! -e "/proc/$target"
	fails --pid=/proc/self/fd/8
	exec 8<&-
}

# --- Forking

@test "compat: nsenter -p -F" { rooted; same -t "$target" -p -F; }
@test "compat: nsenter -p --no-fork, and the children" {
	rooted
	gives 0 -t "$target" -p --no-fork sh -c 'sh -c "echo \$PPID"'
	[ "$output" = 0 ]
}
@test "compat: nsenter -F without -p" { rooted; same_in uts -t "$target" -F -u; }
@test "compat: nsenter -a -F" { rooted; same -t "$target" -a -F; }

# --- Ids of the command

@test "compat: nsenter -S 65534 -G 65534" { rooted; same_in uts -t "$target" -u -S 65534 -G 65534; }
@test "compat: nsenter --setuid=65534 keeps the groups" {
	rooted
	around=(setpriv --groups 1,2,3)
	same_in uts -t "$target" -u --setuid=65534
}
@test "compat: nsenter --setgid 65534 drops the groups" {
	rooted
	around=(setpriv --groups 1,2,3)
	same_in uts -t "$target" -u --setgid 65534
}
@test "compat: nsenter -S 5 -S 7, the last one counts" { rooted; same_in uts -t "$target" -u -S 5 -S 7; }
@test "compat: nsenter -p -S 65534 -G 65534, through a fork" {
	rooted
	same_in 'mnt pid' -t "$target" -p -m -S 65534 -G 65534
}
@test "compat: nsenter -U drops the groups" {
	root
	target -U
	printf '0 0 100000' >"/proc/$target/uid_map"
	printf '0 0 100000' >"/proc/$target/gid_map"
	around=(setpriv --groups 1,2,3)
	same_in user -t "$target" -U
}
@test "compat: nsenter -U -S -G of mapped ids" {
	root
	target -Un
	printf '0 100000 1000' >"/proc/$target/uid_map"
	printf '0 100000 1000' >"/proc/$target/gid_map"
	same_in 'net user' -t "$target" -U -n -S 5 -G 6
	[[ $output == *$'\nUid:\t5\t'* ]]
	same_in user -t "$target" -U -S5
	same_in user -t "$target" -U -G6
	same_in user -t "$target" -U
}
@test "compat: nsenter -U -S of an id that is not mapped" { root; owned; fails -t "$target" -U -S 5; }
@test "compat: nsenter -S 0 by an ordinary user" { user; owned; fails -t "$target" -U -S 65534; }
@test "compat: nsenter -S of no number" { rooted; fails -t "$target" -u -S no-such-user; }
@test "compat: nsenter -S ''" { rooted; fails -t "$target" -u -S ''; }
@test "compat: nsenter -G of no number" { rooted; fails -t "$target" -u -G 1x; }

# --- Directories

# A target that is in a root directory of its own; the jail is copied.
jailed() { # OPTION-OF-UNSHARE...
	requires userns
	copied_jail
	cp "$(command -v subject)" jail/usr/bin
	making=(env PATH=/usr/bin)
	target "$@" -R jail -w /tmp
}

@test "compat: nsenter -m leads to the root directory" {
	rooted
	same_in mnt -t "$target" -m
	[ "$(line cwd)" = / ]
}
@test "compat: nsenter -u leaves the directory as it is" { rooted; cd /usr; same_in uts -t "$target" -u; }
@test "compat: nsenter -r, the target's root directory" {
	jailed -rf
	cd /
	gives 0 -t "$target" -U --preserve-credentials -r -w /usr/bin/compat-probe
	[ "$(line cwd)" = /tmp ]
}
@test "compat: nsenter --root --wd, the target's directories" {
	root
	jailed -u
	gives 0 -t "$target" --uts --root --wd /usr/bin/compat-probe
	[ "$(line cwd)" = /tmp ]
}
# A directory of --wd together with that of --root differs on purpose.
@test "compat: nsenter -rDIR -WDIR" {
	rooted
	copied_jail
	gives 0 -t "$target" -u -rjail -W/tmp /usr/bin/compat-probe
	[ "$(line cwd)" = /tmp ]
}
@test "compat: nsenter --root=DIR --wdns=DIR, of an ordinary user, too" {
	owned
	copied_jail
	gives 0 -t "$target" -U --preserve-credentials --root=jail --wdns=/usr \
		/usr/bin/compat-probe
	[ "$(line cwd)" = /usr ]
}
@test "compat: nsenter -rDIR with -m: the directory is that out here" {
	root
	fresh '
		jail
		unshare -m sh -c "umount -l jail; exec subject default" >ready &
		target=$!
		until grep -q ready ready; do :; done
		tool=$1
		shift
		trap "kill -KILL $target" EXIT
		"$tool" -t $target "$@"
		exit'
	entering
	same -m -r/mnt/jail -W/usr
	[ "$(line 'ns mnt') $(line cwd)" = 'new /usr' ]
}
@test "compat: nsenter -w, the target's directory" {
	cd /usr
	rooted
	cd /
	same_in mnt -t "$target" -m -w
	[ "$(line cwd)" = /usr ]
}
@test "compat: nsenter --wd, of an ordinary user, too" {
	cd /usr
	owned
	cd /
	same_in 'mnt user' -t "$target" -U -m --preserve-credentials --wd
	[ "$(line cwd)" = /usr ]
}
@test "compat: nsenter -wDIR" { rooted; same_in 'mnt uts' -t "$target" -m -u -w/usr; }
@test "compat: nsenter -wDIR of a relative directory" { rooted; same_in uts -t "$target" -u -wusr; }
@test "compat: nsenter --wd=.." { rooted; cd /usr/bin; same_in uts -t "$target" -u --wd=..; }
@test "compat: nsenter -WDIR" { rooted; same_in mnt -t "$target" -m -W/usr; }
@test "compat: nsenter --wdns=DIR" { rooted; same_in 'mnt pid' -t "$target" -m -p --wdns=/usr/bin; }
@test "compat: nsenter --wdns=DIR inside --root=DIR" {
	rooted
	copied_jail
	gives 0 -t "$target" -m -r"$PWD/jail" --wdns=/usr /usr/bin/compat-probe
	[ "$(line cwd)" = /usr ]
}
@test "compat: nsenter --wdns of an ordinary user" {
	owned
	same_in 'mnt user' -t "$target" -U -m --preserve-credentials -W/usr
}
@test "compat: nsenter -m and a current directory that was removed" {
	rooted
	mkdir "$BATS_TEST_TMPDIR/gone"
	cd "$BATS_TEST_TMPDIR/gone"
	rmdir "$BATS_TEST_TMPDIR/gone"
	same_in mnt -t "$target" -m
}
@test "compat: nsenter --root=/missing" { rooted; fails -t "$target" -u --root=/no/such/dir; }
@test "compat: nsenter --root=FILE" { rooted; fails -t "$target" -u --root=/etc/passwd; }
@test "compat: nsenter -r by an ordinary user alone" { user; owned; fails -t "$target" -r/usr -U -S 65534; }
@test "compat: nsenter --wd=/missing" { rooted; fails -t "$target" -u --wd=/no/such/dir; }
@test "compat: nsenter --wd=FILE" { rooted; fails -t "$target" -u --wd=/etc/passwd; }
@test "compat: nsenter --wdns=/missing" { rooted; fails -t "$target" -u --wdns=/no/such/dir; }
@test "compat: nsenter --wdns=FILE" { rooted; fails -t "$target" -m --wdns=/etc/passwd; }
@test "compat: nsenter --wd with --wdns" { rooted; fails -t "$target" -u --wd=/ --wdns=/; }

# --- The command and its status

@test "compat: nsenter: the command's statuses" {
	owned
	for want in 0 1 42 127 255; do
		gives $want -t "$target" -U --preserve-credentials sh -c "exit $want"
		gives $want -t "$target" -U -p --preserve-credentials sh -c "exit $want"
	done
}
@test "compat: nsenter: a command that dies of a signal" {
	ulimit -c 0
	owned
	for signal in TERM HUP SEGV; do
		for option in -u -p; do
			gives $((128 + $(kill -l $signal))) -t "$target" -U $option \
				--preserve-credentials sh -c "kill -$signal \$\$"
		done
	done
}
@test "compat: nsenter: a missing command" {
	owned
	gives 127 -t "$target" -U --preserve-credentials /no/such/command
	gives 127 -t "$target" -U -p --preserve-credentials /no/such/command
}
@test "compat: nsenter: a missing command, by name" {
	plain_path
	owned
	gives 127 -t "$target" -U -p --preserve-credentials no-such-command
}
@test "compat: nsenter: an empty command" { owned; gives 127 -t "$target" -U --preserve-credentials ''; }
@test "compat: nsenter: a file that is not executable, a directory" {
	owned
	gives 126 -t "$target" -U --preserve-credentials /etc/passwd
	gives 126 -t "$target" -U -p --preserve-credentials /usr
}
@test "compat: nsenter: a command that is only in the target's root directory" {
	plain_path
	jailed -rf
	cp jail/usr/bin/compat-probe jail/usr/bin/only-there
	gives 0 -t "$target" -U --preserve-credentials -r -w only-there
	gives 127 -t "$target" -U --preserve-credentials only-there
}
@test "compat: nsenter: a script without #!" {
	owned
	printf 'echo ran "$1"\n' >"$BATS_TEST_TMPDIR/script"
	chmod +x "$BATS_TEST_TMPDIR/script"
	gives 0 -t "$target" -U -p --preserve-credentials "$BATS_TEST_TMPDIR/script" one
}
@test "compat: nsenter: no command runs SHELL as a login shell" {
	owned
	stdin=$BATS_TEST_TMPDIR/stdin
	echo 'echo "$0" $#; exit 4' >"$stdin"
	around=(env -i SHELL=/bin/sh HOME=/ "PATH=$PATH")
	gives 4 -t "$target" -U --preserve-credentials
	gives 4 -t "$target" -U -p --preserve-credentials
}
@test "compat: nsenter: standard input is the command's" {
	owned
	stdin=$BATS_TEST_TMPDIR/stdin
	echo text >"$stdin"
	gives 0 -t "$target" -U -p --preserve-credentials cat
	[ "$output" = text ]
}

# --- What the caller had

@test "compat: nsenter: blocked and ignored signals are passed on" {
	owned
	around=(env --block-signal=USR1,TERM,INT --ignore-signal=HUP,QUIT,USR2)
	same_in user -t "$target" -U --preserve-credentials
	same_in 'pid user' -t "$target" -U -p --preserve-credentials
}
@test "compat: nsenter: an ignored SIGCHLD" {
	owned
	around=(env --ignore-signal=CHLD)
	gives 7 -t "$target" -U --preserve-credentials sh -c 'exit 7'
	same_in user -t "$target" -U --preserve-credentials
	same_in 'pid user' -t "$target" -U -p --preserve-credentials
}
@test "compat: nsenter: nice, umask and limits are passed on" {
	owned
	around=(nice -n 3 sh -c 'umask 027; ulimit -c 0 -n 100; exec "$@"' sh)
	same_in 'mnt pid user' -t "$target" -U -p -m --preserve-credentials
}
@test "compat: nsenter: open descriptors are passed on, and no other" {
	owned
	around=(sh -c 'exec 5</etc/passwd 7>>/dev/null; exec "$@"' sh)
	same_in 'pid user' -t "$target" -U -p --preserve-credentials
	same_in 'mnt user uts' -t "$target" -U -m -u -w/usr --preserve-credentials
	[ "$(line 'fd 5')" = /etc/passwd ]
}
# Put right in 2.43: before, nsenter with a closed standard input skipped a namespace.
@test "compat: nsenter: closed standard streams stay closed" {
	owned
	around=(sh -c 'exec "$@" 2>&-' sh)
	same_in 'pid user' -t "$target" -U -p --preserve-credentials
	around=(sh -c 'exec "$@" <&-' sh)
	attempt ns-enter -t "$target" -U -u -p --preserve-credentials compat-probe
	[ "$status" -eq 0 ]
	[ "$(line 'ns user') $(line 'ns uts') $(line 'ns pid')" = 'target target target' ]
	[ -z "$(line 'fd 0')" ]
}
@test "compat: nsenter: the environment is passed on" {
	owned
	around=(env -i A=b 'C=d e' EMPTY= "PATH=$PATH" "COMPAT_REF=$COMPAT_REF"
		"COMPAT_TARGET=$COMPAT_TARGET")
	same_in 'pid user' -t "$target" -U -p --preserve-credentials
}
@test "compat: nsenter: a smaller bounding set and ambient capabilities are passed on" {
	rooted
	around=(setpriv --no-new-privs --bounding-set=-sys_time --inh-caps=+net_raw)
	same_in 'pid uts' -t "$target" -u -p
	around=(setpriv --reuid=65534 --inh-caps=+sys_admin,+sys_ptrace
		--ambient-caps=+sys_admin,+sys_ptrace)
	same_in uts -t "$target" -u
}

# --- Options of nsenter 2.43 that 2.38 has not, as its manual page has them

@test "compat: nsenter 2.43: -n=FILE is -nFILE" {
	rooted
	attempt ns-enter -n="/proc/$target/ns/net" -u="/proc/$target/ns/uts" compat-probe
	[ "$status $(line 'ns net') $(line 'ns uts')" = '0 target target' ]
}
@test "compat: nsenter 2.43: -N is the network namespace of a socket of the target's" {
	root
	exec 8< <(exec holder socket net 3>&-)
	read -r -t 10 inode <&8
	target=$!
	started+=("$target")
	socket=$(find "/proc/$target/fd" -lname 'socket:*' -printf '%f\n' | sort -n | tail -n 1)
	for options in "-N $socket" "-N$socket" "--net-socket=$socket" "--net-socket $socket"; do
		# shellcheck disable=SC2086
		attempt ns-enter -t "$target" $options readlink /proc/self/ns/net
		[ "$status" -eq 0 ]
		[ "$output" = "net:[$inode]" ]
	done
	exec 8<&-
}
@test "compat: nsenter 2.43: --user-parent is the owner of the other namespaces" {
	root
	owned
	attempt ns-enter -t "$target" -u --user-parent compat-probe
	[ "$status $(line 'ns user') $(line 'ns uts')" = '0 target target' ]
}
@test "compat: nsenter 2.43: --keep-caps keeps the capabilities of the user namespace" {
	requires userns
	target -Uu --map-user=5 --map-group=6
	attempt ns-enter -t "$target" -U -u --preserve-credentials --keep-caps compat-probe
	[ "$status $(line 'ns user') $(line 'ns uts')" = '0 target target' ]
	[[ $output == *$'\nUid:\t5\t'* ]]
	[ "$(grep ^CapEff <<<"$output")" != $'CapEff:\t0000000000000000' ]
	attempt ns-enter -t "$target" -U -u --preserve-credentials compat-probe
	[ "$(grep ^CapEff <<<"$output")" = $'CapEff:\t0000000000000000' ]
}
@test "compat: nsenter 2.43: -e and --env give the target's environment" {
	requires userns
	making=(env -i A=b 'C=d e' EMPTY= "PATH=$PATH")
	target -ru
	for option in -e --env; do
		attempt ns-enter -t "$target" -U -u --preserve-credentials $option "$(command -v env)"
		[ "$status" -eq 0 ]
		[ "$(grep -vE '^(HOME|SHELL|USER)=' <<<"$output" | sort)" = $'A=b\nC=d e\nEMPTY=\n'"PATH=$PATH" ]
	done
}
@test "compat: nsenter 2.43: -S follow -G follow are the target's ids" {
	root
	making=(setpriv --reuid=65534 --regid=1 --groups 2,3)
	target -r
	attempt ns-enter -t "$target" -U -S follow -G follow compat-probe
	[ "$status $(line 'ns user')" = '0 target' ]
	[[ $output == *$'\nUid:\t0\t'*$'\nGid:\t0\t'* ]]
	making=()
	target -u setpriv --reuid=65534 --regid=1 --clear-groups
	attempt ns-enter -t "$target" -u --setuid=follow --setgid=follow compat-probe
	[ "$status $(line 'ns uts')" = '0 target' ]
	[[ $output == *$'\nUid:\t65534\t'*$'\nGid:\t1\t'* ]]
	[[ $output == *$'\nGroups:\t \n'* ]]
}
@test "compat: nsenter 2.43: -W and --wdns without a value take no operand" {
	rooted
	gives_ours 0 -t "$target" -m -W /bin/sh -c 'pwd'
	[ "$output" = / ]
	gives_ours 0 -t "$target" -m --wdns /bin/sh -c 'pwd'
}
@test "compat: nsenter 2.43: -c leaves the descriptors alone" {
	rooted
	unshare -m mount -t cgroup2 none /mnt || skip "requires: cgroup2"
	fresh 'mount -t cgroup2 none /sys/fs/cgroup'
	stdin=$BATS_TEST_TMPDIR/stdin
	echo text >"$stdin"
	gives_ours 0 -t "$target" -u -c sh -c 'cat; echo /proc/self/fd/*'
	[[ $output == text$'\n'* ]]
	peer_output=$output
	attempt sh -c 'cat; echo /proc/self/fd/*'
	[ "$output" = "$peer_output" ]
}

gives_ours() { # STATUS ARG...
	attempt ns-enter "${@:2}"
	echo "ns-enter ${*:2}: status $status, printed: $output, said: $said"
	[ "$status" -eq "$1" ]
}

# --- Differences, the closed list. The other tools' have their places in the
# other tools' tests; numbers out of range, other users' subordinate ids and an
# empty --whitelist-env= are in peers.bats.

@test "difference: the tool's own failures are 125, not 1" {
	attempt unshare --wd=/no/such/dir true
	[ "$status" -eq 1 ]
	attempt ns-unshare --wd=/no/such/dir true
	[ "$status" -eq 125 ]
	attempt unshare --nonsense true
	[ "$status" -eq 1 ]
	attempt ns-unshare --nonsense true
	[ "$status" -eq 125 ]
}

@test "difference: -p forks" {
	requires userns
	attempt unshare -rp sh -c 'echo $$'
	[ "$status" -eq 0 ]
	[ "$output" != 1 ]
	attempt ns-unshare -rp sh -c 'echo $$'
	[ "$status" -eq 0 ]
	[ "$output" = 1 ]
	attempt unshare -rpf compat-probe
	peer_output=$output
	attempt ns-unshare -rp compat-probe
	[ "$status" -eq 0 ]
	[ "$output" = "$peer_output" ]
}

@test "difference: --no-fork is what unshare's -p does" {
	requires userns
	attempt unshare -rp compat-probe
	peer_output=$output
	attempt ns-unshare -rp --no-fork compat-probe
	[ "$status" -eq 0 ]
	[ "$output" = "$peer_output" ]
	attempt ns-unshare -rpF compat-probe
	[ "$status" -eq 0 ]
	[ "$output" = "$peer_output" ]
}

@test "difference: a new network namespace has lo up" {
	requires userns
	attempt unshare -rn compat-probe lo
	[ "$output" = down ]
	attempt ns-unshare -rn compat-probe lo
	[ "$status" -eq 0 ]
	[ "$output" = up ]
	attempt ns-unshare -rn --no-loopback compat-probe lo
	[ "$status" -eq 0 ]
	[ "$output" = down ]
	attempt ns-unshare -ru compat-probe lo
	[ "$output" != down ]
}

@test "difference: a SIGTERM is forwarded to the command" {
	start_holding unshare -f
	kill -TERM "$tool_pid"
	kill -USR1 "$child_pid"
	ended "$tool_pid"
	[ "$status" -eq 8 ]
	start_holding ns-unshare -f
	kill -TERM "$tool_pid"
	ended "$tool_pid"
	[ "$status" -eq 7 ]
}

# Whether a process keeps SIGTERM from reaching it: signal 15 is bit 14.
blocks_term() { # PID
	(((0x$(sed -n 's/^SigBlk:\t//p' "/proc/$1/status") >> 14) & 1))
}

@test "difference: a PID 1 that would not get a SIGTERM is ended by it" {
	requires userns
	local log=$BATS_TEST_TMPDIR/log
	unshare -rpf --kill-child sh -c 'echo >"$0"; exec sleep 60' "$log" 3>&- &
	tool_pid=$!
	started+=("$tool_pid")
	wait_for test -s "$log"
	wait_for blocks_term "$tool_pid"
	kill -TERM "$tool_pid"
	blocks_term "$tool_pid"
	kill -KILL "$tool_pid"
	ended "$tool_pid"
	rm "$log"
	ns-unshare -rpf sh -c 'echo >"$0"; exec sleep 60' "$log" 3>&- &
	tool_pid=$!
	started+=("$tool_pid")
	wait_for test -s "$log"
	kill -TERM "$tool_pid"
	ended "$tool_pid"
	[ "$status" -eq 143 ]
}

@test "difference: a relative --wd is resolved inside --root" {
	requires userns proc
	copied_jail
	mkdir jail/inside outside
	attempt unshare -rpf --mount-proc -R jail -w inside compat-probe
	[ "$status" -ne 0 ]
	attempt ns-unshare -rpf --mount-proc -R jail -w inside compat-probe
	[ "$status" -eq 0 ]
	[ "$(line cwd)" = /inside ]
	attempt unshare -rpf --mount-proc -R jail -w outside compat-probe
	[ "$status" -eq 0 ]
	[ "$(line cwd)" != /outside ]
	attempt ns-unshare -rpf --mount-proc -R jail -w outside compat-probe
	[ "$status" -eq 125 ]
}

# --- The differences of ns-enter

@test "difference: ns-enter's own failures are 125, not 1" {
	rooted
	attempt nsenter -t "$target" -u --wd=/no/such/dir true
	[ "$status" -eq 1 ]
	gives_ours 125 -t "$target" -u --wd=/no/such/dir true
	attempt nsenter -t "$target" -u --nonsense true
	[ "$status" -eq 1 ]
	gives_ours 125 -t "$target" -u --nonsense true
}

# nsenter's is left where it was, by a descriptor.
@test "difference: --root changes the directory inside" {
	rooted
	copied_jail
	attempt nsenter -t "$target" -u --root=jail /usr/bin/compat-probe
	[ "$status" -eq 0 ]
	[ "$(line cwd)" != / ]
	gives_ours 0 -t "$target" -u --root=jail /usr/bin/compat-probe
	[ "$(line cwd)" = / ]
}

@test "difference: a directory of ns-enter --wd is resolved inside that of --root" {
	rooted
	copied_jail
	mkdir jail/inside
	for inside in inside /inside; do
		attempt nsenter -t "$target" -u -rjail -w$inside /usr/bin/compat-probe
		[ "$status" -ne 0 ]
		gives_ours 0 -t "$target" -u -rjail -w$inside /usr/bin/compat-probe
		[ "$(line cwd)" = /inside ]
	done
	attempt nsenter -t "$target" -u -rjail -w"$PWD/jail/inside" /usr/bin/compat-probe
	[ "$(line cwd)" = /inside ]
	gives_ours 125 -t "$target" -u -rjail -w"$PWD/jail/inside" /usr/bin/compat-probe
}

@test "difference: -a leaves out what is shared already" {
	requires userns
	target -rui
	attempt ns-enter -t "$target" -a --preserve-credentials --verbose compat-probe
	[ "$status" -eq 0 ]
	[ "$(line 'ns user') $(line 'ns uts') $(line 'ns net')" = 'target target same' ]
	joined=$(grep '^+ setns' <<<"$said")
	[[ $joined == *CLONE_NEWUTS* && $joined != *CLONE_NEWNET* && $joined != *CLONE_NEWPID* ]]
}

@test "difference: the ids are set by the target's maps" {
	requires userns
	owned
	# Where groups may not be dropped, they are kept.
	if probe_user; then
		attempt nsenter -t "$target" -U compat-probe
		[ "$status" -ne 0 ]
	fi
	gives_ours 0 -t "$target" -U compat-probe
	[[ $output == *$'\nUid:\t0\t0\t0\t0\nGid:\t0\t'* ]]
	# Where 0 is not mapped, one's own id is.
	target -U --map-user=5 --map-group=6
	attempt nsenter -t "$target" -U compat-probe
	[ "$status" -ne 0 ]
	gives_ours 0 -t "$target" -U compat-probe
	[[ $output == *$'\nUid:\t5\t5\t5\t5\nGid:\t6\t'* ]]
	# Where nothing is, that is said.
	target -U
	attempt nsenter -t "$target" -U compat-probe
	[ "$status" -ne 0 ]
	gives_ours 125 -t "$target" -U compat-probe
	[[ $said == *'mapped there'* ]]
}

@test "difference: --env leaves out loader and shell variables across privilege" {
	requires userns
	making=(env -i A=b LD_LIBRARY_PATH=/ BASH_ENV=/x ENV=/x IFS=, GCONV_PATH=/ "PATH=$PATH")
	target -ru
	gives_ours 0 -t "$target" -U -u --preserve-credentials --env "$(command -v env)"
	IFS=: read -ra root < <(getent passwd 0)
	[ "$(sort <<<"$output")" = "A=b
HOME=${root[5]}
PATH=$PATH
SHELL=${root[6]}
USER=root" ]
	[[ $said == *'note: 5 of '* ]]
}

@test "difference: numbers out of range are refused by ns-enter" {
	rooted
	attempt nsenter -t "$target" -u -S 4294967296 true
	[ "$status" -eq 0 ]
	gives_ours 125 -t "$target" -u -S 4294967296 true
	attempt nsenter -t "$target" -u -G 4294967296 true
	[ "$status" -eq 0 ]
	gives_ours 125 -t "$target" -u -G 4294967296 true
	gives_ours 125 -t "$((target + 4294967296))" -u true
}

@test "difference: a SIGTERM to ns-enter is forwarded to the command" {
	owned
	start_holding nsenter -t "$target" -U -p --preserve-credentials
	kill -TERM "$tool_pid"
	ended "$tool_pid"
	[ "$status" -eq 143 ]
	kill -USR1 "$child_pid"
	wait_for grep -q alive "$printed"
	start_holding ns-enter -t "$target" -U -p --preserve-credentials
	kill -TERM "$tool_pid"
	ended "$tool_pid"
	[ "$status" -eq 7 ]
}

# unshare, which waits outside, has made one for its children.
@test "difference: of a process that waits outside, the children's PID namespace is entered" {
	rooted
	outer=$(sed -n 's/^PPid:\t//p' "/proc/$target/status")
	attempt nsenter -t "$outer" -p compat-probe
	[ "$(line 'ns pid')" = same ]
	gives_ours 0 -t "$outer" -p compat-probe
	[ "$(line 'ns pid')" = target ]
	[[ $said == *'note: '*--exact* ]]
	gives_ours 0 -t "$outer" -u -p --exact compat-probe
	[ "$(line 'ns pid') $(line 'ns uts')" = 'same target' ]
}

# What is asked for is not entered again when it is shared.
@test "difference: -p of one's own PID namespace does not fork" {
	root
	target -u
	attempt nsenter -t "$target" -u -p compat-probe
	peer_output=$output
	gives_ours 0 -t "$target" -u -p compat-probe
	[ "$(line 'ns pid')" = same ]
	[ "$(sed 1d <<<"$output")" = "$(sed 1d <<<"$peer_output")" ]
}

# The issue's, not of the list.
@test "difference: -m returns to the current directory where it is there" {
	rooted
	cd /usr
	attempt nsenter -t "$target" -m compat-probe
	[ "$(line cwd)" = / ]
	gives_ours 0 -t "$target" -m compat-probe
	[ "$(line cwd)" = /usr ]
}
