#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Pinned sets: ns-unshare --pin and --unpin, and what the other tools make of their names.
# No test comes near the machine's own registries: each is in mount and PID namespaces of
# its own, with which all its processes end.
load helpers/common

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# What the code of a test may call besides.
# shellcheck disable=SC2317
{
# says STATUS PATTERN COMMAND... - its status, and all that it prints, as one line of words
says() {
	local wanted=$1 pattern=$2 text status=0
	shift 2
	text=$(timeout -k 1 30 "$@" 2>&1 </dev/null) || status=$?
	text=$(tr -s '[:space:]' ' ' <<<"$text" | sed 's/^ //; s/ $//')
	# shellcheck disable=SC2053  # it is a pattern
	[ "$status" = "$wanted" ] && [[ $text = "$pattern" || $text == $pattern ]] && return
	printf '%s\n' "$*:" "wanted: $wanted $pattern" "came:   $status $text"
	return 1
}

# of NAME - the PID of its keeper, whether that lives or not
of() { cut -d: -f1 "$registry/$1"; }

is_gone() { [ ! -e "/proc/$1/ns" ] || ! readlink "/proc/$1/ns/user"; } >/dev/null 2>&1

keepers() { grep -lsx ns-keeper /proc/[0-9]*/comm || true; }
no_keepers() { [ -z "$(keepers)" ]; }

# Neither a process nor a file is left of any set.
clean() {
	wait_for no_keepers || { keepers; return 1; }
	[ -z "$(ls -A "$registry")" ] || { ls -A "$registry"; return 1; }
}
}

# in_registries WHO CODE - run it as root, or as uid 65534 with XDG_RUNTIME_DIR (user) or
# without (bare).  The tools are copied: that user may be unable to reach them.
in_registries() {
	local user=() registry=/run/ns

	requires root kernel 6.9
	case $1 in
	user)	registry=/tmp/run/ns user=(XDG_RUNTIME_DIR=/tmp/run) ;;
	bare)	registry=/tmp/ns-65534 ;;
	esac
	user=(env -u XDG_RUNTIME_DIR "${user[@]}" "registry=$registry" "who=$1" HOME=/ LC_ALL=C.UTF-8)
	[ "$1" = root ] || user+=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	in_private_mounts bash -ec '
		umask 022
		mount -t tmpfs -o mode=755 none /mnt
		mkdir /mnt/tools
		cp "$NS_BUILD"/ns-* "$NS_BUILD"/helpers/{pty,quarry} /mnt/tools
		printf "#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups \"\$@\"\n" >/mnt/tools/as_user
		chmod 755 /mnt/tools/as_user
		PATH=/mnt/tools:$PATH
		mount -t tmpfs -o mode=755 none /run
		mount -t tmpfs -o mode=1777 none /tmp
		mkdir -m 700 /tmp/run
		chown 65534:65534 /tmp/run
		cd /tmp
		exec timeout -k 1 100 unshare --pid --fork --kill-child --mount-proc "$@"' bash \
		"${user[@]}" bash -Eeu -O extglob -c "trap 'echo \"failed: \$BASH_COMMAND\"' ERR
$(declare -f says of is_gone keepers no_keepers clean wait_for)
$2" </dev/null 3>&-
}

# everybody CODE
everybody() {
	local who

	for who in root user bare; do
		in_registries "$who" "$1" || { echo "as $who"; return 1; }
	done
}

# --- What is pinned

@test "pinned: a set has its namespaces, mounts and names without a command, and is entered by its name" {
	requires timens
	everybody '
	says 0 "" ns-unshare --pin=lab -a --hostname=blue
	for type in user mnt uts ipc net pid cgroup time; do
		ns=$(readlink "/proc/$(of lab)/ns/$type")
		[ "$ns" != "$(readlink "/proc/self/ns/$type")" ]
		says 0 "$ns" ns-enter lab readlink "/proc/self/ns/$type"
		says 0 "$ns" ns-enter -t lab -a readlink "/proc/self/ns/$type"
	done
	says 0 blue ns-enter lab cat /proc/sys/kernel/hostname
	says 0 blue ns-hostname -t lab
	says 0 "/proc/1" ns-enter lab sh -c "ls -d /proc/[0-9]* | head -n 1"
	says 0 ns-keeper ns-enter lab cat /proc/1/comm
	says 0 "*127.0.0.1*" ns-enter lab cat /proc/net/fib_trie
	says 0 "" ns-unshare --unpin=lab
	clean'
}

@test "pinned: where the registry is: /run/ns, else XDG_RUNTIME_DIR, else /tmp/ns-UID; its modes" {
	everybody '
	umask 077
	says 0 "" ns-unshare --pin=lab -Ur
	umask 022
	ls -A /run/ns /tmp/run /tmp/ns-* 2>/dev/null | grep -c "^lab$" | grep -qx 1 || [ "$who" = user ]
	[[ $(cat "$registry/lab") == +([0-9]):+([0-9]) ]]
	[ "$(quarry inode "$(of lab)")" = "$(cut -d: -f2 "$registry/lab")" ]
	[ "$(stat -c "%a %u" "$registry")" = "$([ $who = root ] && echo 711 0 || echo 700 65534)" ]
	says 0 "" ns-unshare --unpin=lab
	clean'
	# What is no directory of a session is none.
	in_registries bare '
	for dir in "" run /missing /proc; do
		XDG_RUNTIME_DIR=$dir says 0 "" ns-unshare --pin=lab -Ur
		says 0 "" ns-unshare --unpin=lab
	done'
}

@test "pinned: a name is looked for in the caller's own registries, then in /run/ns" {
	in_registries root '
	says 0 "" ns-unshare --pin=lab -n
	says 0 "" as_user ns-unshare --pin=own -Urn
	says 125 "ns-enter: cannot read the namespaces of process * Permission denied*" as_user ns-enter lab true
	says 125 "*there is no pinned set of that name*" ns-enter own true
	says 0 "" as_user ns-unshare --pin=lab -Urn
	own=$(readlink "/proc/$(cut -d: -f1 /tmp/ns-65534/lab)/ns/net")
	says 0 "$own" as_user ns-enter lab readlink /proc/self/ns/net
	says 0 "$own" env XDG_RUNTIME_DIR=/tmp/run as_user ns-enter lab readlink /proc/self/ns/net
	says 0 "" env XDG_RUNTIME_DIR=/tmp/run as_user ns-unshare --unpin=lab
	says 125 "ns-unshare: cannot end '\''lab'\'': Operation not permitted" as_user ns-unshare --unpin=lab
	says 0 "" ns-unshare --unpin=lab
	says 0 "" as_user ns-unshare --unpin=own
	clean'
}

@test "pinned: --root with --pivot is the root of those who enter, too" {
	in_registries root '
	mkdir jail
	mount -t tmpfs none jail
	for dir in /bin /etc /lib* /mnt /proc /usr; do
		mkdir "jail$dir"
		mount --rbind "$dir" "jail$dir"
	done
	>jail/mark
	says 0 "" ns-unshare --pin=lab -m --root=jail --pivot
	says 0 "/mark" ns-enter lab ls /mark
	says 0 "" ns-unshare --unpin=lab
	# The program is outside: no root of a user namespace may come at it by the keeper.
	says 0 "" ns-unshare --pin=lab -a --root=jail --pivot
	says 0 "/mark root" ns-enter lab sh -c "ls /mark; readlink /proc/1/exe || echo root"
	says 0 "" ns-unshare --unpin=lab
	clean'
}

@test "pinned: who pinned enters, whatever the command is denied" {
	everybody '
	for option in --drop-caps=all --caps=kill --no-new-privs --keep-caps --setuid=0 --env=clean; do
		says 0 "" ns-unshare --pin=lab -a $option
		says 0 "0 ns-keeper" ns-enter lab sh -c "id -u; cat /proc/1/comm"
		says 0 "" ns-unshare --unpin=lab
	done
	clean'
}

@test "pinned: a command runs in the set beside its keeper, its status is the tool's, the set stays" {
	everybody '
	says 7 "2 ns-keeper" ns-unshare --pin=lab -a sh -c "echo \$\$; cat /proc/1/comm; exit 7"
	says 0 ns-keeper ns-enter lab cat /proc/1/comm
	says 0 "" ns-unshare --unpin=lab
	says 143 "" ns-unshare --pin=lab -Urn sh -c "kill -TERM \$\$"
	says 0 "" ns-unshare --unpin=lab
	# Without a PID namespace, too, the keeper is no child of the command.
	says 0 "" ns-unshare --pin=lab -Urn sh -c "pgrep -P \$\$ -x ns-keeper; true"
	[ "$(sed -n "s/^PPid:\t//p" "/proc/$(of lab)/status")" = 1 ]
	says 0 "" ns-unshare --unpin=lab
	# Orphans of the command are reaped.
	says 0 "" ns-unshare --pin=lab -a sh -c "(sh -c \"exec true\" &) & wait"
	none() { ! ns-enter lab grep -ls "^State:.Z" /proc/[0-9]*/status; }
	wait_for none
	says 0 "" ns-unshare --unpin=lab
	clean'
}

@test "pinned: the other options about the command go with one, and the set outlives it" {
	everybody '
	pid=$(ns-unshare --pin=lab -a -d sleep 1000)
	[ "$(cat /proc/$pid/comm)" = sleep ]
	says 125 "*1 other process is in it*" ns-unshare --unpin=lab
	kill $pid
	wait_for is_gone $pid
	says 0 "" ns-unshare --unpin=lab
	says 0 "*\"inner_pid\":2,*{\"exec\":true}" ns-unshare --pin=lab -a --ready-fd=1 --pid-file=pid true
	[ -s pid ]
	rm -f pid
	says 0 "" ns-unshare --unpin=lab
	mkfifo go
	ns-unshare --pin=lab -a --kill-child sh -c "echo >go; exec sleep 1000" & tool=$!
	read -r line <go
	kill -KILL $tool
	wait_for sh -c "! pgrep -x sleep"
	says 0 ns-keeper ns-enter lab cat /proc/1/comm
	says 0 "" ns-unshare --unpin=lab
	rm -f go
	clean'
}

@test "pinned: a command that cannot be run leaves nothing pinned" {
	everybody '
	for types in -a -Urn; do
		says 127 "*cannot find command*" ns-unshare --pin=lab $types no-such-command
		says 126 "*cannot execute*" ns-unshare --pin=lab $types /etc/passwd
		# It is found, and fails when it is executed.
		sed "s,/ld-,/no-,g" "$(type -P true)" >broken
		chmod 755 broken
		says 126 "*cannot execute*" ns-unshare --pin=lab $types ./broken
		says 125 "*" ns-unshare --pin=lab $types --wd=/missing
		clean
	done
	rm broken'
	in_registries root '
	mkdir /run/ns
	mount -t tmpfs -o mode=711,nr_inodes=1 none /run/ns
	says 125 "ns-unshare: cannot pin '\''lab'\'': No space left on device" ns-unshare --pin=lab -a echo ran
	clean'
}

# --- The keeper

@test "pinned: the keeper holds nothing but the namespaces: no terminal, environment, file, capability" {
	everybody '
	mkdir -p here
	cd here
	big=$(head -c 100000 /dev/zero | tr "\0" x)
	BIG=$big MORE=$big says 0 "" ns-unshare --pin=lab -a 7</tmp 8>/dev/null
	dir=/proc/$(of lab)
	[ "$(cd $dir/fd; readlink *)" = "/dev/null
/dev/null
/dev/null" ]
	[ "$(tr -d "\0" <$dir/environ | wc -c)" = 0 ]
	[ "$(readlink $dir/cwd)" = / ]
	read -r pid name state parent group session terminal rest <$dir/stat
	[ $terminal = 0 ]
	says 0 "1 1" ns-enter lab sh -c "ps -o pgid=,sid= -p 1"
	grep -q "^CapPrm:.0*$" $dir/status
	grep -q "^CapInh:.0*$" $dir/status
	grep -q "^NoNewPrivs:.1" $dir/status
	rss=$(sed -n "s/^RssAnon:[^0-9]*\([0-9]*\) kB/\1/p" $dir/status)
	echo "RssAnon $rss"
	[[ $rss -lt 256 || '"$NS_BUILD"' == */san ]]
	says 0 "" ns-unshare --unpin=lab
	cd ..
	rmdir here'
}

@test "pinned: the keeper and the set survive the terminal, and what a terminal sends" {
	everybody '
	pty "send:ns-unshare --pin=lab -a; echo do\"\"ne\n" "expect:done" "send:exit\n" -- sh >/dev/null
	keeper=$(of lab)
	pty "send:ns-unshare --pin=hup -a; echo do\"\"ne\n" "expect:done" "run:kill -HUP -\$PTY_PID" \
		-- sh >/dev/null || [ $? = 129 ]
	# It is no PID 1, to which signals are something else anyway.
	says 0 "" ns-unshare --pin=low -Urn
	for signal in HUP INT QUIT TSTP TTIN TTOU ALRM PIPE USR1 CHLD; do
		kill -$signal $keeper $(of low)
		says 0 "" ns-enter lab sh -c "kill -$signal 1"
	done
	says 0 ns-keeper ns-enter lab cat /proc/1/comm
	says 0 ns-keeper ns-enter hup cat /proc/1/comm
	for name in lab hup low; do
		grep -q "^State:.S" /proc/$(of $name)/status
		says 0 "" ns-unshare --unpin=$name
	done
	clean'
}

@test "pinned: SIGTERM ends a keeper, so that a machine that shuts down need not wait" {
	everybody '
	for types in -a -Urn; do
		says 0 "" ns-unshare --pin=lab $types
		kill -TERM $(of lab)
		wait_for is_gone $(of lab)
		says 125 "*there is no pinned set of that name*" ns-enter lab true
		says 0 "ns-unshare: note: '\''lab'\'' had ended already" ns-unshare --unpin=lab
		clean
	done'
}

# --- What is refused

@test "pinned: a name of a live set is refused, and the set stays as it is" {
	everybody '
	says 0 "" ns-unshare --pin=lab -Urn
	before=$(cat "$registry/lab")
	text="ns-unshare: cannot pin '\''lab'\'': it is pinned already (process $(of lab)) ns-unshare: hint: a set of this name is alive; end it by '\''ns-unshare --unpin=lab'\''"
	says 125 "$text" ns-unshare --pin=lab -a
	says 125 "$text" ns-unshare --pin=lab -Ur echo ran
	says 125 "$text" ns-unshare --dry-run --pin=lab -Ur echo ran
	[ "$(cat "$registry/lab")" = "$before" ]
	[ "$(keepers | wc -l)" = 1 ]
	says 0 "" ns-unshare --unpin=lab
	clean'
}

@test "pinned: a name of a live set of one's own is refused from another registry, too" {
	in_registries bare '
	refused="ns-unshare: cannot pin '\''lab'\'': it is pinned already (process"
	says 0 "" ns-unshare --pin=lab -Ur
	XDG_RUNTIME_DIR=/tmp/run says 125 "$refused $(of lab))*" ns-unshare --pin=lab -Ur
	says 0 "" ns-unshare --unpin=lab
	export XDG_RUNTIME_DIR=/tmp/run
	says 0 "" ns-unshare --pin=lab -Ur
	says 0 "" ns-unshare --unpin=lab
	unset XDG_RUNTIME_DIR
	clean'
}

@test "pinned: a name is a letter and 63 more of letters, digits, dot, underscore, hyphen" {
	everybody '
	long=$(printf "a%.0s" {1..64})
	for name in a Z9 "$long" a.b_c-d; do
		says 0 "" ns-unshare --pin="$name" -Ur
		says 0 0 ns-enter "$name" id -u
		says 0 "" ns-unshare --unpin="$name"
	done
	for name in "" 9a .a _a -- "${long}a" a/b ../a "a b" a:b $'\''a\n'\'' ä initial; do
		says 125 "ns-unshare: option '\''--pin'\'': '\''*'\'' is no name: letters, digits, *" ns-unshare --pin="$name" -Ur
		says 125 "ns-unshare: cannot end '\''*'\'': no set of this name is pinned" ns-unshare --unpin="$name"
	done
	clean'
}

@test "pinned: options that cannot stand beside --pin and --unpin" {
	everybody '
	says 0 "" ns-unshare --pin=keep -Ur
	refused() { text=$1; shift; says 125 "*ns-unshare: option '\''$text" ns-unshare "$@"; }
	refused "--pin'\'': cannot stand beside '\''--no-fork'\''" --pin=lab -Ur -F
	refused "--pin'\'': cannot stand beside '\''--init'\''" --pin=lab -Urp --init
	refused "--pin'\'': cannot stand beside '\''--owner'\''" --pin=lab --owner=0:0
	refused "--pin'\'': who enters does not get '\''--root'\''; add '\''--pivot'\''" --pin=lab -Urm --root=/tmp
	for option in --detach --new-session --kill-child --pid-file=x --ready-fd=1 --wait-fd=0; do
		refused "${option%%=*}'\'': needs a command beside '\''--pin'\''" --pin=lab -Ur $option
	done
	refused "--unpin'\'': takes no command: '\''true'\''" --unpin=keep true
	for option in --user --pin=lab --fork -a --root=/ --hostname=x; do
		refused "--unpin'\'': cannot stand beside '\''--*'\''" --unpin=keep $option
	done
	refused "--force'\'': needs '\''--unpin'\''" --force
	says 0 "" ns-unshare --unpin=keep
	clean'
}

@test "pinned: without a type there is nothing of its own to pin, which is told" {
	everybody '
	says 0 "ns-unshare: warning: no type was asked for: the set '\''lab'\'' has no namespace of its own" \
		ns-unshare --pin=lab
	says 0 "" ns-unshare --unpin=lab
	clean'
}

@test "pinned: a registry of another owner, a link, a file, or one that others may write is refused" {
	in_registries root '
	refused() {
		says 125 "ns-unshare: cannot use '\''/tmp/ns-65534'\'': $1" as_user ns-unshare --pin=lab -Ur
		no_keepers
	}
	mkdir -m 700 /tmp/ns-65534
	taken="it is a directory of user 0'\''s ns-unshare: hint: somebody else has taken that name; "
	taken+="set XDG_RUNTIME_DIR to a directory of your own"
	refused "$taken"
	chmod 755 /tmp/ns-65534
	refused "$taken"
	chown 65534 /tmp/ns-65534
	for mode in 770 702 777 1777; do
		chmod $mode /tmp/ns-65534
		refused "other users can write there"
	done
	rmdir /tmp/ns-65534
	>/tmp/ns-65534
	refused "it is not a directory"
	rm /tmp/ns-65534
	mkdir -m 700 /tmp/own
	chown 65534 /tmp/own
	for target in own missing; do
		ln -s $target /tmp/ns-65534
		refused "it is not a directory"
		rm /tmp/ns-65534
	done
	[ -z "$(ls -A /tmp/own)" ]
	# What stands in one is not believed either.
	mkdir -m 755 /tmp/ns-65534
	says 0 "" ns-unshare --pin=lab -n
	cp /run/ns/lab /tmp/ns-65534/lie
	says 125 "*there is no pinned set of that name*" as_user ns-enter lie true
	mkdir -m 777 /tmp/all
	mount --bind /tmp/all /run/ns
	cp /tmp/ns-65534/lie /run/ns/lie
	says 125 "*there is no pinned set of that name*" ns-enter lie true
	says 125 "*cannot use '\''/run/ns'\'': other users can write there" ns-unshare --pin=more -n
	umount /run/ns
	says 0 "" ns-unshare --unpin=lab'
}

@test "pinned: a registry that others may lock, or the caller may not use, is refused" {
	in_registries root '
	refused() {
		says 125 "ns-unshare: cannot use '\''$1'\'': $2" "${@:3}"
		says 125 "ns-unshare: cannot use '\''$1'\'': $2" "${@:3}" --dry-run
		no_keepers
	}
	for mode in 755 710 750 701; do
		rm -rf /run/ns
		mkdir -m $mode /run/ns
		case $mode in
		75?)	refused /run/ns "other users can read there ns-unshare: hint: who can open a directory can lock it for good; '\''chmod go-r /run/ns'\''" ns-unshare --pin=lab -u ;;
		*)	says 0 "" ns-unshare --pin=lab -u
			says 0 "" ns-unshare --unpin=lab ;;
		esac
	done
	# It is the right to it outside of the user namespace that matters.
	for mode in 000 100 300 400 500 600; do
		mkdir /tmp/ns-65534
		chown 65534 /tmp/ns-65534
		chmod $mode /tmp/ns-65534
		refused /tmp/ns-65534 "Permission denied" as_user ns-unshare --pin=lab -Ur
		rmdir /tmp/ns-65534
	done
	clean'
}

@test "pinned: a FIFO in a registry is no entry, and nobody waits for it" {
	in_registries root '
	mkdir -m 711 /run/ns
	mkfifo /run/ns/lab
	says 125 "*there is no pinned set of that name*" ns-enter lab true
	says 0 "" ns-list --pinned
	says 0 "" ns-unshare --pin=lab -u
	says 0 "" ns-unshare --unpin=lab
	clean'
}

# --- The end of a set

@test "pinned: --unpin counts who would end with the set, and needs --force then" {
	everybody '
	says 0 "" ns-unshare --pin=lab -a
	keeper=$(of lab)
	hint="ns-unshare: hint: what is in its PID namespace ends with it; add '\''--force'\''"
	ns-enter lab sh -c "exec sleep 1000" &
	wait_for pgrep -x sleep >/dev/null
	for flag in "" --dry-run; do
		says 125 "ns-unshare: cannot end '\''lab'\'': 1 other process is in it $hint" ns-unshare --unpin=lab $flag
	done
	# Below it, too.
	ns-enter lab unshare -pf --kill-child sh -c "exec sleep 1000" &
	two() { [ "$(pgrep -xc sleep)" = 2 ]; }
	wait_for two
	says 125 "ns-unshare: cannot end '\''lab'\'': 3 other processes are in it $hint" ns-unshare --unpin=lab
	says 0 ns-keeper ns-enter lab cat /proc/1/comm
	says 0 "" ns-unshare --unpin=lab --force
	is_gone $keeper
	clean
	# What is in no PID namespace of the set does not end with it.
	says 0 "" ns-unshare --pin=lab -Urn
	ns-enter lab sleep 1000 &
	wait_for pgrep -x sleep >/dev/null
	says 0 "" ns-unshare --unpin=lab
	pgrep -x sleep >/dev/null
	clean'
	# Root is in an ordinary user's set, who cannot look at root's processes.
	requires kernel 6.11
	in_registries root '
	says 0 "" as_user ns-unshare --pin=lab -a
	nsenter --target "$(registry=/tmp/ns-65534 of lab)" --pid sleep 1000 &
	wait_for pgrep -x sleep >/dev/null
	says 125 "*1 other process is in it*" as_user ns-unshare --unpin=lab
	says 0 "" as_user ns-unshare --unpin=lab --force'
}

@test "pinned: a stale entry is ignored by readers, and goes with the next --pin or --unpin" {
	everybody '
	for entry in dead "" 1 1: 1:1 "0:0" "-1:5" "1:2:3" "99999999:5" "$$:1" "x y"; do
		says 0 "" ns-unshare --pin=lab -Urn
		keeper=$(of lab)
		kill -KILL $keeper
		wait_for is_gone $keeper
		[ -s "$registry/lab" ]
		[ "$entry" = dead ] || echo "$entry" >"$registry/lab"
		says 125 "*there is no pinned set of that name*" ns-enter lab true
		says 125 "*there is no pinned set of that name*" ns-hostname -t lab
		[ -z "$(ns-list --pinned -n 2>/dev/null)" ]
		says 0 "" ns-unshare --pin=lab -Uru
		says 0 "" ns-enter lab true
		kill -KILL $(of lab)
		[ "$entry" = dead ] || echo "$entry" >"$registry/lab"
		wait_for no_keepers
		says 0 "ns-unshare: note: '\''lab'\'' had ended already" ns-unshare --unpin=lab
		clean
		says 125 "ns-unshare: cannot end '\''lab'\'': no set of this name is pinned" ns-unshare --unpin=lab
	done
	# A zombie keeps nothing.
	ns-unshare --pin=lab -Urn sleep 1000 & tool=$!
	wait_for pgrep -x sleep >/dev/null
	kill -KILL $(of lab)
	wait_for grep -q "^State:.Z" /proc/$(of lab)/status
	says 125 "*there is no pinned set of that name*" ns-enter lab true
	says 0 "*had ended already" ns-unshare --unpin=lab
	kill $tool
	wait $tool || true
	# A name that a live process of another inode has by chance is nobody'\''s.
	echo "$$:$(($(quarry inode $$) + 1))" >"$registry/lab"
	says 0 "*had ended already" ns-unshare --unpin=lab --force
	clean'
}

@test "pinned: kill -9 of the tool or the keeper at any point leaves nothing but a stale entry" {
	everybody '
	for ((i = 0; i < 100; i++)); do
		ns-unshare --pin=lab -a 2>/dev/null & tool=$!
		# From nothing to twice what it takes.
		for ((n = RANDOM % 3000; n > 0; n--)); do :; done
		if [ $((i % 2)) = 0 ]; then
			kill -KILL $tool 2>/dev/null || true
		else
			pkill -KILL -x "ns-keeper" || true
		fi
		wait $tool 2>/dev/null || true
		is_settled() {
			no_keepers || [ "$(keepers)" = "/proc/$(of lab)/comm" ]
		}
		wait_for is_settled
		if ns-enter lab true 2>/dev/null; then
			live=$((${live:-0} + 1))
			ns-unshare --unpin=lab
		else
			wait_for no_keepers
			ns-unshare --unpin=lab 2>/dev/null || true
		fi
		clean
	done
	echo "${live:-0} of 100 were pinned"
	[ "${live:-0}" -lt 100 ]'
}

@test "pinned: of two at once for one name, one wins and the other leaves nothing" {
	everybody '
	for ((i = 0; i < 50; i++)); do
		[ $((i % 2)) = 0 ] || { mkdir -p "$registry"; echo 1:1 >"$registry/lab"; }
		ns-unshare --pin=lab -a 2>one & one=$!
		ns-unshare --pin=lab -a 2>two & two=$!
		a=0 b=0
		wait $one || a=$?
		wait $two || b=$?
		[ $((a + b)) = 125 ]
		grep -q "cannot pin .lab.: it is pinned already" one two
		alone() { [ "$(keepers)" = "/proc/$(of lab)/comm" ]; }
		wait_for alone
		ns-unshare --unpin=lab
		clean
	done
	rm one two'
}

@test "pinned: 50 sets, entered by two shells each, listed, unpinned: no process or file is left" {
	everybody '
	count() { ls /proc | grep -c "^[0-9]"; }
	before=$(count)
	for ((i = 0; i < 50; i++)); do
		ns-unshare --pin=lab$i -a --hostname=host$i &
	done
	wait
	for ((i = 0; i < 50; i++)); do
		for shell in one two; do
			ns-enter lab$i sh -c "hostname; echo $shell" >$shell$i &
		done
	done
	wait $(jobs -p)
	for ((i = 0; i < 50; i++)); do
		[ "$(xargs <one$i)" = "host$i one" ]
		[ "$(xargs <two$i)" = "host$i two" ]
	done
	rm one* two*
	[ "$(ns-list --pinned -n -r -o NAME -t uts 2>/dev/null | sort)" = "$(printf "lab%d\n" {0..49} | sort)" ]
	[ "$(ns-list --pinned -n 2>/dev/null | wc -l)" = 400 ]
	for ((i = 0; i < 50; i++)); do
		ns-unshare --unpin=lab$i &
	done
	wait
	clean
	# Orphans are gone when their new parent has seen it.
	as_before() { [ "$(count)" = $before ]; }
	wait_for as_before'
}

# --- Narration

@test "pinned: --dry-run prints the lines of --verbose, and does nothing" {
	requires cmd strace
	everybody '
	less() { sed -E "s/ = -?[0-9]+.*$//; s/\<(FD|CHILD)\>/N/g; s/[0-9]+/N/g" "$1"; }
	same() {
		strace -f -o calls ns-unshare --dry-run "$@" >out 2>dry
		! grep -E "^[0-9]+ +(unshare|clone3?|v?fork|mount|move_mount|chmod|chown|fsync|rename|unlink(at)?|mkdir|pidfd_send_signal|kill)\(|O_CREAT|write\([^2]" calls
		ns-unshare -v "$@" >out 2>real
		[ -s dry ]
		diff <(less dry) <(less real)
	}
	same --pin=lab -a
	grep -qx "+ write(\"$registry/lab\", \"CHILD:INODE..\")" dry
	same --unpin=lab
	grep -qx "+ unlink(\"$registry/lab\")" dry
	same --pin=lab -Urm --hostname=blue true
	kill -KILL $(of lab)
	wait_for no_keepers
	same --pin=lab -Ur
	kill -KILL $(of lab)
	wait_for no_keepers
	same --unpin=lab
	says 125 "ns-unshare: cannot end '\''lab'\'': no set of this name is pinned" ns-unshare --dry-run --unpin=lab
	rm calls out dry real
	clean'
}

# --- What ns-list tells of them

@test "ns-list: --pinned lists the namespaces of pinned sets alone, with NAME, in each format" {
	everybody '
	says 0 "" ns-unshare --pin=red -Urn
	says 0 "" ns-unshare --pin=blue -Uru
	ns-list --pinned -l -n -r -o TYPE,PID,NAME 2>/dev/null | sort >list
	diff list <(printf "%s\n" "net $(of red) red" "user $(of blue) blue" "user $(of red) red" "uts $(of blue) blue")
	[[ $(ns-list --pinned 2>/dev/null | head -n 1) =~ ^" "*"NS TYPE"" "+"NPROCS"" "+"PID USER"" "+"NAME COMMAND"$ ]]
	[[ $(ns-list --pinned -J -t uts 2>/dev/null) =~ \"name\":\ \"blue\" ]]
	[ "$(ns-list -t uts -n -r -o NAME -Q "NAME == \"blue\"" 2>/dev/null)" = blue ] || ! ns-list -Q "NS > 0" >list 2>&1
	# A namespace has the name in each list, and is kept by the process as any other.
	ns=$(readlink /proc/$(of blue)/ns/uts | tr -dc 0-9)
	[ "$(ns-list -n -r -l -o NS,NAME,WHY 2>/dev/null | grep "^$ns ")" = "$ns blue process" ]
	# NAME is a reference.
	[ "$(ns-list blue -l -n -r -o NS -t uts 2>/dev/null)" = $ns ]
	says 1 "*uts $ns *" ns-list --compare blue $$
	says 0 "" ns-list --compare -q blue $(of blue)
	for option in --persistent --task=1 --compare --pids --limits --dot; do
		says 125 "ns-list: option *cannot stand beside*" ns-list --pinned $option
	done
	says 125 "ns-list: option '\''--pinned'\'': takes no operand: '\''blue'\''" ns-list --pinned blue
	ns-unshare --unpin=red
	ns-unshare --unpin=blue
	[ -z "$(ns-list --pinned -n 2>/dev/null)" ]
	rm list
	clean'
}

@test "ns-list: a namespace that two sets have is the older one's, one's own nobody's" {
	everybody '
	# In the user namespace the UID is another, and with it the folder below /tmp.
	[ "$who" != bare ] || exit 0
	says 0 "" ns-unshare --pin=old -Urn ns-unshare --pin=new -u
	named() { ns-list --pinned -l -n -r -o TYPE,NAME 2>/dev/null | sort | xargs; }
	[ "$(named)" = "net old user old uts new" ]
	says 0 "uts new *" ns-enter old ns-list --pinned -l -n -r -o TYPE,NAME
	says 0 "" ns-unshare --unpin=old
	[ "$(named)" = "net new user new uts new" ]
	says 0 "" ns-unshare --unpin=new
	clean'
}

@test "ns-enter: a pinned set comes before the network namespace of the same name" {
	in_registries root '
	mkdir /run/netns
	for name in blue red; do
		>/run/netns/$name
		unshare --net=/run/netns/$name true
	done
	says 0 "" ns-unshare --pin=blue -n
	says 0 "$(readlink /proc/$(of blue)/ns/net)" ns-enter blue readlink /proc/self/ns/net
	says 0 "net:\[$(stat -c %i /run/netns/red)\]" ns-enter red readlink /proc/self/ns/net
	# Where the name would lead to the set, the namespace has its path.
	[ "$(ns-list -t net -n -r -l -o NAME 2>/dev/null | sort | xargs)" = "/run/netns/blue blue red" ]
	says 0 "" ns-unshare --unpin=blue
	says 0 "net:\[$(stat -c %i /run/netns/blue)\]" ns-enter blue readlink /proc/self/ns/net'
}

# --- The tests of ns-enter and ns-list, with pinned sets as targets

# again WHO FILE NAME... - the tests whose names have one of these beginnings; none is skipped
# but root's as a user
again() {
	local who=$1 file=$2 names user=() pinned=/run/ns
	shift 2

	requires root timens kernel 6.9
	names=$(IFS='|'; echo "$*")
	[ "$who" = root ] || {
		user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
		pinned=/run/user/ns
	}
	# The tree is where every user can reach it.
	run in_private_mounts bash -ec '
		mount -t tmpfs -o mode=755 none /run
		mkdir -m 755 /run/tree
		mkdir -m 700 /run/user /run/tmp
		chown 65534:65534 /run/user
		mount --bind "$NS_ROOT" /run/tree
		[ $# = 4 ] || chown 65534:65534 /run/tmp
		cd /run/tree
		export NS_BUILD=/run/tree/${NS_BUILD#"$NS_ROOT"/} TMPDIR=/run/tmp HOME=/run/tmp
		export NS_PINNED=$1 XDG_RUNTIME_DIR=/run/user
		exec unshare --pid --fork --kill-child --mount-proc "${@:4}" \
			bats --tap -f "^$2: ($3)" "/run/tree/tests/$2.bats"' bash \
		"$pinned" "$file" "$names" env "${user[@]}" </dev/null
	echo "$output"
	[ $status = 0 ]
	[ "$(grep -c '^ok' <<<"$output")" -ge $# ]
	[ "$who" = root ] || output=$(grep -v '# skip requires: root$' <<<"$output")
	run ! grep '# skip' <<<"$output"
}

enter_tests=(
	'each type alone, by a PID' 'each type alone, by its file' 'types together, in any spelling'
	'a process by its PID and the inode' 'a file after a blank is the target'
	'a process alone means all that differ' "one's own user namespace by its file"
	'where setgroups is denied' '--wdns follows no link' 'the command has no descriptor'
	'each descriptor is closed' 'between setns and execve' 'it is not dumpable'
	'what leads to its own program' '--sealed runs' '--no-fork with a PID namespace'
	'ends as the command ends' 'a signal to the tool' '--detach prints' '--ready-fd, --pid-file'
	'--new-session gives' '--dry-run prints' '--dry-run changes' '--dry-run fails'
)

list_tests=(
	'the same trees as lsns, by owner' 'an inode lists the processes' '-t, -p, -P and -n choose'
	'a namespace that no process is in has' 'a process as operand' 'a namespace can be named'
	'a process may be given' 'JSON can be parsed' 'without UTF-8 the tree'
	'a kernel without the ioctls' '--compare prints a row' '--compare -q prints'
	'--compare --json has' 'a namespace can be compared' 'colour on a terminal'
)

@test "ns-enter: root's tests again, with pinned sets as targets" {
	again root ns-enter "${enter_tests[@]}"
}

@test "ns-enter: an ordinary user's tests again, with pinned sets as targets" {
	again user ns-enter "${enter_tests[@]}"
}

@test "ns-list: the tests again, as root and user, with pinned sets as targets" {
	again root ns-list "${list_tests[@]}"
	again user ns-list "${list_tests[@]}"
}
