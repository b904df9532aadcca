#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The same command lines run by ns-unshare and by the installed unshare.
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
	attempt unshare "$@"
	peer_status=$status peer_output=$output
	echo "unshare $*: status $status${said:+, said: $said}"
	attempt ns-unshare "$@"
	echo "ns-unshare $*: status $status${said:+, said: $said}"
	diff -u --label unshare --label ns-unshare \
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
	[[ $said == *ns-unshare:\ * ]]
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
