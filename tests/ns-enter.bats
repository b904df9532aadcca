#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# ns-enter: every way to name what is entered, every option in its working and its refused
# form, as root and as an ordinary user.  What it answers to bad input is in faults.bats.
# The targets are made by unshare(1), so that no test depends on another tool of ours.
load helpers/common
load helpers/place

types=(user mnt uts ipc net pid cgroup time)
links=(/proc/self/ns/{user,mnt,uts,ipc,net,pid,cgroup,time})
uid=$(id -u) gid=$(id -g)

setup() {
	requires userns
	cd "$BATS_TEST_TMPDIR"
	started=() cgroups=()
}

# A test that fails leaves nothing running.
teardown() {
	local pid
	for pid in "${started[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
	for cgroup in "${cgroups[@]}"; do
		wait_for rmdir "$cgroup" 2>/dev/null || echo "left: $cgroup"
	done
}

# The option of a type
option() {
	case $1 in
	mnt) echo mount ;;
	*) echo "$1" ;;
	esac
}

letter() {
	case $1 in
	mnt) echo m ;;
	user | cgroup | time) tr uct UCT <<<"${1:0:1}" ;;
	*) echo "${1:0:1}" ;;
	esac
}

inode() { ns "$@" | tr -dc '0-9\n'; }

# White space becomes one blank.
squeeze() {
	tr -s ' \t\n' ' ' | sed 's/^ //; s/ $//'
}

# A tool that hangs is ended.
bound=(timeout -k 1 20)

enter() {
	local by_name=("$@")
	[ -z "${NS_PINNED-}" ] || by_name "$@"
	"${bound[@]}" ns-enter "${by_name[@]}"
}

# came WANTED - after "run": the output, white space being one blank; stderr empty
came() {
	output=$(squeeze <<<"$output")
	echo "wanted: $1"
	echo "came:   $output"
	echo "stderr: $stderr"
	[ "$output" = "$1" ]
	[ -z "$stderr" ]
}

# gives WANTED ARGUMENT...
gives() {
	local wanted=$1
	shift
	run -0 --separate-stderr enter "$@"
	came "$wanted"
}

# says PATTERN WANTED ARGUMENT... - the same, but for this line on stderr
says() {
	local pattern=$1 wanted=$2
	shift 2
	run -0 --separate-stderr enter "$@"
	[[ $stderr =~ ^ns-enter:\ ($pattern)$ ]] || { echo "stderr: $stderr"; false; }
	stderr=
	came "$wanted"
}

# refused PATTERN ARGUMENT... - with 125, this message, and without running the command
refused() {
	local pattern=$1
	shift
	run -125 --separate-stderr enter "$@" echo ran
	echo "$stderr"
	[ -z "$output" ]
	[[ ${stderr_lines[0]} =~ ^ns-enter:\ ($pattern)$ ]] || { echo "wanted: $pattern"; false; }
}

# hints PATTERN - after that
hints() {
	[[ ${stderr_lines[1]} =~ ^ns-enter:\ hint:\ ($1)$ ]] || { echo "wanted: $1"; false; }
}

# start COMMAND... - in the background, its output in the file "out"; sets pid
start() {
	: >out
	"$@" </dev/null >out 2>&1 3>&- &
	pid=$!
	disown
	started+=("$pid")
}

# start_line COMMAND... - and wait until it has printed a line, which is in $line
start_line() {
	start "$@"
	wait_for test -s out
	line=$(head -n 1 out)
}

# A descendant of the process $1 that is a sleep; sets pid
is_sleep_below() {
	local child
	for child in $(pgrep -P "$1"); do
		if is_comm "$child" sleep; then
			pid=$child
			return
		fi
		is_sleep_below "$child" && return
	done
	return 1
}

# start_below COMMAND... - which runs a sleep as its child; sets outer, and pid
start_below() {
	start "$@"
	outer=$pid
	wait_for is_sleep_below "$outer"
	started+=("$pid")
}

is_comm() { [ "$(cat "/proc/$1/comm" 2>/dev/null)" = "$2" ]; }

# start_in OPTION... - a sleep in what unshare(1) makes; sets pid, and outer with a fork
start_in() {
	if [ -n "${NS_PINNED-}" ]; then
		start_pinned "$@"
	elif [[ $1 == -*f* ]]; then
		start_below unshare "$@" sleep 1000
	else
		start unshare "$@" sleep 1000
		wait_for is_comm "$pid" sleep
	fi
}

# all_new: a target in new namespaces of all types, below the proc of the host
all_new() {
	requires timens
	start_in -UrmuinpCTf
}

# end PID... - and wait until it has
end() {
	local one
	kill -KILL "$@"
	for one; do
		wait_for gone "$one"
	done
}

# entered ARGUMENT... - print the types of which the command is in $pid's namespace and not
# in ours, and "TYPE?" where it is in a third
entered() {
	local i found mine its
	mapfile -t found < <(enter "$@" readlink "${links[@]}" || echo "status $?")
	mapfile -t mine < <(readlink "${links[@]}")
	mapfile -t its < <(readlink "${links[@]/self/$pid}")
	for i in "${!types[@]}"; do
		case ${found[i]} in
		"${mine[i]}") ;;
		"${its[i]}") echo "${types[i]}" ;;
		*) echo "${types[i]}?" ;;
		esac
	done
	[ "${#found[@]}" = 8 ] || echo "${found[-1]}"
}

# enters "TYPES" ARGUMENT...
enters() {
	local wanted=$1
	shift
	run -0 --separate-stderr entered "$@"
	came "$wanted"
}

# What gives an ordinary user the right to each other type is entered by itself.
also=
probe_root || also='user '

# of TYPE - what is entered then, in the order of types
of() {
	[ "$1" = user ] && echo user || echo "$also$1"
}

# --- What is entered

note_proc='note: the proc here is that of another PID namespace, .*'

# enters_type TYPE ARGUMENT... - with the note that belongs to pid without mnt
enters_type() {
	local type=$1
	shift
	run -0 --separate-stderr entered "$@"
	if [ "$type" = pid ]; then
		[[ $stderr =~ ^ns-enter:\ $note_proc$ ]]
		stderr=
	fi
	came "$(of "$type")"
}

@test "ns-enter: each type alone, by a PID, with -t and as operand, by letter and by name" {
	all_new
	local type target
	for type in "${types[@]}"; do
		for target in "$pid" "-t$pid" "--target=$pid"; do
			enters_type "$type" "-$(letter "$type")" "$target"
			enters_type "$type" "--$(option "$type")" "$target"
		done
	done
}

@test "ns-enter: each type alone, by its file and its inode in each spelling, as operand and as the option's value" {
	all_new
	local type n value
	for type in "${types[@]}"; do
		n=$(inode "$type" "$pid")
		for value in "/proc/$pid/ns/$type" "$type:[$n]" "$type:$n" "$n"; do
			enters_type "$type" "$value"
			enters_type "$type" "--$(option "$type")=$value"
			[[ $type == net || $type == mnt ]] || continue
			enters_type "$type" -t "$value"
			enters_type "$type" "-$(letter "$type")$value"
			enters_type "$type" "-$(letter "$type")=$value"
		done
	done
}

@test "ns-enter: types together, in any spelling, enter what they name and nothing else" {
	all_new
	local n arguments
	n=$(inode net "$pid")
	while read -r arguments; do
		# shellcheck disable=SC2086  # words
		enters 'user uts ipc net' $arguments
	done <<-END
		-U -u -i -n $pid
		-t$pid -n -i -u -U
		-U -u --ipc --net --target=$pid
		--user --uts --ipc --net -t $pid
		-t $pid -U -u -i -n/proc/$pid/ns/net
		-t $pid -U -u -i -n=/proc/$pid/ns/net
		-t $pid -U -u -i -n$n
		-t $pid -U -u -i --net=net:[$n]
		--net=net:$n -U -u -i --target $pid
		--user=/proc/$pid/ns/user --ut=/proc/$pid/ns/uts --ip=/proc/$pid/ns/ipc --net=$n
	END
}

@test "ns-enter: a process by its PID and the inode of its pidfd, and never another" {
	requires kernel 6.9
	start_in -Uru
	local wrong
	n=$(quarry inode "$pid")
	enters 'user uts' "$pid:$n"
	enters 'user uts' -t "$pid:$n" -a
	enters 'user uts' -t "$pid:$n" -U -u
	for wrong in 1 $((n + 1)) "$(quarry inode $$)" 18446744073709551615; do
		refused "cannot enter process '$pid': it is not the one meant \(pidfd inode differs\)" "$pid:$wrong"
	done
	for wrong in 0 '' -1 1x 18446744073709551616 " $n"; do
		refused "cannot understand '$pid:.*': '$wrong' is not the inode of a pidfd" "$pid:$wrong"
	done
}

@test "ns-enter: a file after a blank is the target, and its type is entered" {
	start_in -Urn
	enters "$(of net)" --net "/proc/$pid/ns/net"
	enters "$(of net)" -n "/proc/$pid/ns/net"
	refused "option '--mount': needs a process as the target, or a file \(--mount=FILE\)" \
		--mount "/proc/$pid/ns/net"
}

@test "ns-enter: a name is that of a network namespace in /run/netns" {
	requires root
	start_in -n
	run -0 --separate-stderr in_place root "
		mount -t tmpfs none /run
		mkdir /run/netns
		for name in blue b-1.x_; do
			>/run/netns/\$name
			mount --bind /proc/$pid/ns/net /run/netns/\$name
			ns-enter \$name readlink /proc/self/ns/net
			ns-enter -t \$name readlink /proc/self/ns/net
			ns-enter -n \$name readlink /proc/self/ns/net
		done
		>/run/netns/empty
		ns-enter empty echo ran 2>&1
		ns-enter --uts blue echo ran 2>&1
		ns-enter nosuch echo ran 2>&1
		true"
	came "$(yes "$(ns net "$pid")" | head -n 6 | squeeze) ns-enter: cannot use '/run/netns/empty': no \
namespace is mounted there ns-enter: option '--uts': needs a process as the target, or a file (--uts=FILE) \
ns-enter: cannot find namespace 'nosuch': there is no pinned set of that name, and no /run/netns/nosuch"
}

# in_cgroup NAME - move $pid to this control group, made below our own
in_cgroup() {
	local top
	# Beside cgroups of version 1, the place of the others is no cgroup.
	for top in "/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)" /sys/fs/cgroup/unified \
		/sys/fs/cgroup/{pids,freezer,systemd}; do
		cgroup=$top/$1
		[ -e "$top/cgroup.procs" ] || continue
		mkdir "$cgroup" 2>/dev/null || continue
		cgroups+=("$cgroup")
		echo "$pid" 2>/dev/null >"$cgroup/cgroup.procs" && return
	done
	skip "requires: cgroups"
}

containers() {
	local id=$1 other=$2 form
	start_in -u
	in_cgroup "docker-$id.scope"
	for form in "$id" "${id:0:12}" "${id:0:40}"; do
		enters uts "container:$form"
		enters uts -u -t "container:$form"
	done
	for form in "${id:0:11}" "${id}0" "${id:0:12}G" "${id^^}" ''; do
		refused "cannot understand 'container:$form': a container is named by 12 to 64 hexadecimal digits of its ID" "container:$form"
	done
	refused "cannot find container '.*': no process is in a control group of that name that root or you own" "container:${other:0:12}abcdef"
	start_in -u
	in_cgroup "$other"
	enters uts "container:$other"
	refused "cannot find container '${id:0:12}': two begin so: ($id and $other|$other and $id)" "container:${id:0:12}"
}

@test "ns-enter: a container is named by the first 12 or more digits of its ID" {
	requires root
	local half
	# A letter, so that capitals are another text.
	half=$(printf '%031xa' "$$$RANDOM" | rev)
	containers "${half}00000000000000000000000000000000" "${half}ffffffffffffffffffffffffffffffff"
}

@test "ns-enter: a container's cgroup that neither root nor the caller owns is not believed" {
	requires root
	local id
	id=$(printf '%064x' "$$$RANDOM" | rev)
	start_in -u
	in_cgroup "$id"
	chown 65533 "$cgroup"
	refused "cannot find container '$id': no process is in a control group .*" "container:$id"
	[[ $(ns-list -r -n -o NAME -p "$pid") != *container* ]]
	chown 0 "$cgroup"
	enters uts "container:$id"
	[[ $(ns-list -r -n -o NAME -p "$pid") == *"container:${id:0:12}"* ]]
}

# --- What is not entered

@test "ns-enter: a process that is none is refused: dead, a zombie, a thread" {
	start sleep 1000
	end "$pid"
	refused "cannot enter process '$pid': (no such process|it has exited \(zombie\))" "$pid"
	refused "cannot enter process '4194304': no such process" -t 4194304
	start_line quarry zombie
	refused "cannot enter process '$line': it has exited \(zombie\)" "$line"
	refused "cannot enter process '$line': it has exited \(zombie\)" -t "$line" -n
	probe_root && start_line holder thread uts || start_line unshare -Ur holder thread uts
	local thread
	thread=$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 -printf '%f\n' | grep -vx "$pid")
	refused "cannot enter process '$thread': it is a thread of process $pid" "$thread"
	# Its own namespace is found by the inode, although no process is in it.
	probe_root || return 0
	gives "uts:[$line]" "$line" readlink /proc/self/ns/uts
}

@test "ns-enter: where /proc does not show the target it says why" {
	requires proc
	run -125 --separate-stderr "${bound[@]}" unshare -Urm sh -c '
		unshare -u sleep 100 & pid=$!
		until [ "$(cat /proc/$pid/comm)" = sleep ]; do :; done
		mount -t tmpfs none /proc
		ns-enter $pid echo ran
		status=$?
		kill $pid
		exit $status'
	[ -z "$output" ]
	[[ ${stderr_lines[0]} =~ ^"ns-enter: cannot open '/proc/"[0-9]+"': No such file or directory"$ ]]
	hints "/proc is not mounted; mount one there as root, before any user namespace is made"
	# That of an inner one shows neither us nor the target.
	run -125 --separate-stderr "${bound[@]}" unshare -Urpmf sh -c '
		unshare -pf sh -c "mount -t proc none /proc; exec sleep 100" &
		until [ ! -e /proc/self ]; do :; done
		sleep 100 &
		ns-enter $! echo ran'
	echo "$stderr"
	[ -z "$output" ]
	[[ $stderr =~ ^"ns-enter: cannot enter process '"[0-9]+"': /proc is that of another PID namespace"$ ]]
}

@test "ns-enter: a process that hidepid hides is said to be hidden" {
	# Before that a proc's options were the host's, too.
	requires root kernel 5.8
	start_in -u
	mkdir proc
	run -125 --separate-stderr in_private_mounts sh -c '
		mount -t proc -o hidepid=2 none proc && mount --move proc /proc &&
		exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"' sh "${bound[@]}" ns-enter "$pid" echo ran
	[ "$output${stderr_lines[0]}" = "ns-enter: cannot enter process '$pid': /proc hides it from you (hidepid)" ]
	hints '/proc is mounted with hidepid, and shows no process that you may not trace; run this as root'
	[ ${#stderr_lines[@]} = 2 ]
}

@test "ns-enter: no file is waited for, and none but a namespace's is entered" {
	local file
	start_in -Uru
	mkfifo fifo
	echo text >file
	ln -s "/proc/$pid/ns/uts" link
	mkdir directory
	ln -s loop loop
	for file in ./file ./directory ./fifo /dev/null /dev/tty /proc/self/status; do
		for option in '' -t --net=; do
			refused "cannot (use|open) '$file': (it is not a namespace file|No such device or address)" $option"$file"
		done
	done
	refused "cannot open './missing': No such file or directory" ./missing
	refused "cannot open './loop': Too many levels of symbolic links" ./loop
	refused "cannot open './file/x': Not a directory" ./file/x
	enters "$(of uts)" ./link
	enters "$(of uts)" --uts=link
	refused "cannot enter '.*/uts': it is a uts namespace, not net" --net="/proc/$pid/ns/uts"
	refused "cannot enter './link': it is a uts namespace, not mnt" -m./link
}

@test "ns-enter: a namespace that is not there is said to be looked for" {
	local wanted="cannot find namespace '.*': looked at [0-9]+ processes, their threads and open files, and what is mounted"
	local n=4294967200
	refused "$wanted" "net:[$n]"
	refused "$wanted" "$n"
	refused "$wanted" --net="$n"
	refused "$wanted" --net="net:$n"
	# Of another type than that of the inode
	start_in -Uru
	refused "$wanted" "net:[$(inode uts "$pid")]"
	refused "cannot .*: .*" --net="$(inode uts "$pid")"
	[[ $stderr == *"it is a uts namespace, not net"* || $stderr == *"cannot find namespace"* ]]
}

# --- What is entered when nothing is said

@test "ns-enter: a process alone means all that differ, and only these are in the mask" {
	requires cmd strace
	local options wanted flags flag
	while IFS=: read -r options wanted flags; do
		# shellcheck disable=SC2086  # words
		start_in $options
		enters "$wanted" "$pid"
		enters "$wanted" -a "$pid"
		enters "$wanted" --all --target="$pid"
		strace -f -o calls -e trace=setns ns-enter -a -t "$pid" true
		[ "$(grep -c 'setns(' calls)" = 1 ]
		sed -i 's/)  *= /) = /' calls
		grep -F ", $flags) = 0" calls
	done <<-END
		-Ur:user:CLONE_NEWUSER
		-Urn:user net:CLONE_NEWUSER|CLONE_NEWNET
		-Urmu:user mnt uts:CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWUSER
	END
}

@test "ns-enter: where nothing differs, a process alone is refused; with --all it is a note" {
	start sleep 1000
	refused "cannot enter process '$pid': nothing to enter: it is in all of your namespaces" "$pid"
	refused "cannot enter process '$pid': nothing to enter: .*" -t "$pid"
	says "note: process $pid is in all of your namespaces; none is entered" ran -a "$pid" echo ran
	says "note: process $pid is in all of your namespaces; none is entered" ran --all -t "$pid" echo ran
	gives ran -n "$pid" echo ran
	start_in -Urn
	run -0 --separate-stderr entered -u "$pid"
	came ''
}

@test "ns-enter: one's own user namespace by its file is refused, and skipped by --all" {
	start_in -Uru
	refused "cannot enter '/proc/self/ns/user': you are in that user namespace already" --user=/proc/self/ns/user
	enters 'user uts' -a "$pid"
	run -0 --separate-stderr nsenter -t "$pid" -U -u --preserve-credentials timeout 20 ns-enter -a "$pid" echo ran
	[ "$output" = ran ]
	[ "$stderr" = "ns-enter: note: process $pid is in all of your namespaces; none is entered" ]
}

@test "ns-enter: whoever made an ns-unshare --all enters it by its PID alone" {
	requires proc timens
	local inside outside
	inside=$(printf '%s\n' "${types[@]}")
	start_below ns-unshare -a sleep 1000
	for process in "$pid" "$outer"; do
		run -0 --separate-stderr enter "$process" sh -c "readlink ${links[*]}; id -u; echo /proc/[0-9]*"
		echo "$stderr"
		came_in=$(printf '%s ' "${lines[@]:0:8}")
		wanted=$(for type in "${types[@]}"; do ns "$type" "$pid"; done | squeeze)
		[ "$(squeeze <<<"$came_in")" = "$wanted" ]
		[ "${lines[8]}" = 0 ]
		# proc is that of inside: the sleep and the shell
		[[ ${lines[9]} =~ ^/proc/1\ /proc/[0-9]+$ ]]
	done
}

@test "ns-enter: an ordinary user who names one type enters the owner, too" {
	requires user
	start_in -UruinC
	local type
	for type in uts ipc net cgroup; do
		gives "$(ns $type "$pid") $(ns user "$pid")" "-$(letter $type)" "$pid" \
			readlink /proc/self/ns/$type /proc/self/ns/user
	done
	run -0 --separate-stderr ns-enter -v -u -n "$pid" true
	[[ $stderr == *"setns(PIDFD of $pid, CLONE_NEWUSER|CLONE_NEWUTS|CLONE_NEWNET) = 0"* ]]
	refused "cannot enter the net namespace of process '1': .*|cannot read the namespaces of process '1': Permission denied" -n 1
}

@test "ns-enter: a namespace of root's is refused to an ordinary user, in a dry run, too" {
	requires root
	local dry
	: >net
	for dry in '' --dry-run; do
		# shellcheck disable=SC2016,SC2086
		run -125 --separate-stderr in_private_mounts sh -c 'unshare --net=net true
			exec setpriv --reuid=65534 --regid=65534 --clear-groups ns-enter "$@"' sh $dry --net=net true
		grep -qx "ns-enter: cannot enter the net namespace 'net': Operation not permitted" <<<"$stderr"
		grep -qxF "ns-enter: hint: it belongs to $(ns user), which you are in, and lack CAP_SYS_ADMIN there; run this as root of that" <<<"$stderr"
	done
}

@test "ns-enter: the owner of a file's namespace is followed, also where no process is in it" {
	local n
	start_in -Urn
	exec 7</proc/"$pid"/ns/net
	n=$(ns net "$pid")
	owner=$(ns user "$pid")
	end "$pid"
	probe_root && owner=$(ns user)
	gives "$n $owner" /proc/self/fd/7 readlink /proc/self/ns/net /proc/self/ns/user
	gives "$n $owner" --net=/proc/self/fd/7 readlink /proc/self/ns/net /proc/self/ns/user
	gives "$n $owner" "$n" readlink /proc/self/ns/net /proc/self/ns/user
	exec 7<&-
}

@test "ns-enter: of several owners the uppermost is followed, in any order" {
	start unshare -Urni unshare -Uru sleep 1000
	wait_for is_comm "$pid" sleep
	local file=/proc/$pid/ns
	gives "$(ns uts "$pid") $(ns net "$pid")" "--uts=$file/uts" "--net=$file/net" readlink /proc/self/ns/uts /proc/self/ns/net
	gives "$(ns uts "$pid") $(ns ipc "$pid")" "--ipc=$file/ipc" "--uts=$file/uts" readlink /proc/self/ns/uts /proc/self/ns/ipc
}

# util-linux issue 1592: the user namespace is not the owner of the mount namespace, but
# its child.
@test "ns-enter: a user namespace is entered together with a mount namespace that its parent owns" {
	start unshare -Urm unshare -U sleep 1000
	wait_for is_comm "$pid" sleep
	enters 'user mnt' --preserve-credentials "$pid"
	enters 'user mnt' --preserve-credentials -U -m "$pid"
	refused "cannot have a user and a group inside: neither 0 nor your own user is mapped there" "$pid"
}

@test "ns-enter: --user-parent enters the owner of the others, and the parent of --user's" {
	start unshare -Urn unshare -Ur sleep 1000
	wait_for is_comm "$pid" sleep
	wait_for is_mapped "$pid"
	local parent
	parent=$(in_parent "$pid")
	gives "$parent $(ns net "$pid")" --user-parent -n "$pid" readlink /proc/self/ns/user /proc/self/ns/net
	gives "$parent" --user-parent -U -t "$pid" readlink /proc/self/ns/user
	gives "$parent" --user-parent --user="/proc/$pid/ns/user" readlink /proc/self/ns/user
}

is_mapped() { grep -qs . "/proc/$1/uid_map"; }

# The user namespace that owns the net namespace of $1, as nsenter(1) finds it
in_parent() {
	lsns -n -r -l -t net -o NS,ONS | sed -n "s/^$(inode net "$1") \(.*\)/user:[\1]/p"
}

# --- The process that waits outside, as target

@test "ns-enter: --user-parent where there is no parent, or not one below ours, says so" {
	start_in -Uru
	local none='cannot find the parent user namespace: there is none, or it is neither yours nor below that'
	bound+=(unshare -Ur)
	refused "$none" --user-parent --user=/proc/self/ns/user
	refused "option '--user-parent': needs a process as the target, or a namespace that is not yours" --user-parent --uts=/proc/self/ns/uts
}

@test "ns-enter: of an unshare that waits for its child, the child's PID namespace is entered, with a note" {
	start_in -Urpmf
	local note="note: process $outer is not in the PID namespace of its children, which is entered; see --exact"
	local inside
	inside=$(ns pid "$pid")
	says "$note" "$inside" "$outer" readlink /proc/self/ns/pid
	says "$note" "$inside" -a "$outer" readlink /proc/self/ns/pid
	says "$note" "$inside" -U -m -p -t "$outer" readlink /proc/self/ns/pid
	gives "$inside" "$pid" readlink /proc/self/ns/pid
	gives "$(ns pid)" --exact "$outer" readlink /proc/self/ns/pid
	gives "$(ns pid)" -a --exact "$outer" readlink /proc/self/ns/pid
	gives "$(ns pid)" -U -m "$outer" readlink /proc/self/ns/pid
}

@test "ns-enter: so is the time namespace, without a note" {
	requires timens
	start_in -UrTf
	gives "$(ns time "$pid")" "$outer" readlink /proc/self/ns/time
	gives "$(ns time)" --exact "$outer" readlink /proc/self/ns/time
}

# setns(2) refuses who does; nsenter(1) says "Invalid argument".
@test "ns-enter: who shares root and directory with another process enters, too" {
	start_in -Urmu
	run -0 --separate-stderr "${bound[@]}" quarry share ns-enter "$pid" readlink "${links[@]}"
	came "$(readlink "${links[@]/self/$pid}" | squeeze)"
	run -1 "${bound[@]}" quarry share nsenter -t "$pid" -U --preserve-credentials true
}

# It is no hindrance, as it is for unshare(2); with the mount namespace one comes out of it.
@test "ns-enter: from a chroot one enters a user namespace, and stays in it without --mount" {
	mkdir jail
	# shellcheck disable=SC2016  # for the inner shell
	run -0 --separate-stderr unshare -Urm sh -ec '
		mount --rbind / jail
		unshare -Urmu sleep 100 &
		until [ "$(cat /proc/$!/comm)" = sleep ]; do :; done
		for options in -U "-U -u" "" "-U -m" -r; do
			chroot jail timeout -k 1 20 ns-enter $options $! sh -c "[ -e \"\$0\" ] && echo out || echo jailed" "$PWD/jail/etc"
		done
		kill $!'
	came 'jailed jailed out out out'
}

@test "ns-enter: a PID namespace whose init is dead has ended" {
	local holder
	probe_root && holder=(holder fd pid) || holder=(unshare -Ur holder fd pid)
	start_line "${holder[@]}"
	local fd file
	fd=$(find "/proc/$pid/fd" -lname 'pid:*' -printf '%f\n')
	file=/proc/$pid/fd/$fd
	refused "cannot enter '$file': this PID namespace has ended: its init is dead, and no process can be made in it" "$file"
	refused "cannot enter '$file': this PID namespace has ended: .*" --pid="$file"
	start_in -Urpf
	kill -KILL "$pid"
	wait_for gone "$outer"
	refused "cannot enter process '$outer': .*" "$outer"
}

# joined: the tool, held before its fork, is where the target is
joined() {
	[ "$(ns uts "$1")" = "$(ns uts "$2")" ]
}

@test "ns-enter: says what became of an init that ends between the joins and the fork" {
	local tool status=0

	requires root cmd strace
	start_in -Urpuf
	# -D: the tool is our child, and not strace.
	strace -D -qq -o /dev/null -e trace=clone,clone3,fork,vfork \
		-e inject=clone,clone3,fork,vfork:delay_enter=1000000 \
		ns-enter "$pid" echo ran >said 2>&1 3>&- &
	tool=$!
	wait_for joined "$tool" "$pid"
	kill -KILL "$pid"
	wait "$tool" || status=$?
	cat said
	[ $status = 125 ]
	grep -qx 'ns-enter: cannot fork: Cannot allocate memory' said
	[[ $(tail -n 1 said) == 'ns-enter: hint: the PID namespace that children of this process would be in has ended '* ]]
}

@test "ns-enter: an init that is a zombie is dead" {
	start unshare -Urp sh -c '(exec sleep 1000) & exec sleep 2000'
	outer=$pid
	wait_for is_sleep_below "$outer"
	started+=("$pid")
	end "$pid"
	run -125 --separate-stderr enter "$outer" echo ran
	[ -z "$output" ]
	[[ ${stderr_lines[-1]} == "ns-enter: cannot enter 'ns/pid_for_children': this PID namespace has ended: "* ]]
	run -0 enter --exact "$outer" echo ran
}

# --- Who the command is

@test "ns-enter: without a user namespace, users, groups and capabilities stay" {
	requires root
	start_in -u
	gives '0 0 0 5' -u "$pid" setpriv --groups=5 sh -c 'id -u; id -g; id -G'
	run -0 setpriv --reuid=0 --regid=7 --groups=7,8 timeout 20 ns-enter -u "$pid" id -G
	[ "$output" = '7 8' ]
}

@test "ns-enter: --setuid and --setgid take numbers, and drop the groups" {
	requires root
	start_in -u
	bound=(setpriv --groups=5,6 timeout -k 1 20)
	gives '1001 1002 1002' -u -S 1001 -G 1002 "$pid" sh -c 'id -u; id -g; id -G'
	gives '0 1002 1002' --setgid=1002 "$pid" sh -c 'id -u; id -g; id -G'
	says 'warning: group 0 and the supplementary groups are kept; see --setgid' '1001 0 0 5 6' \
		--setuid 1001 "$pid" sh -c 'id -u; id -g; id -G'
	gives '0 0 0 5 6' --setuid=0 "$pid" sh -c 'id -u; id -g; id -G'
}

@test "ns-enter: --setuid and --setgid take the target's own names, and not the caller's" {
	local zero=0 named=1234
	probe_root || named=0
	script names "mount -t tmpfs none /etc
		echo 'blue:x:$named:0::/:/bin/sh' >/etc/passwd
		echo 'red:x:$named:' >/etc/group
		exec sleep 1000"
	if probe_root; then start unshare -m ./names; else start unshare -Urm ./names; fi
	wait_for is_comm "$pid" sleep
	refused "option '--setuid': neither an ID, 0 to 4294967294, nor a name that the target knows: 'daemon'" -S daemon "$pid"
	refused "option '--setgid': neither an ID, 0 to 4294967294, nor a name that the target knows: 'daemon'" -G daemon "$pid"
	refused "option '--setuid': neither .*: 'red'" -S red "$pid"
	if probe_root; then
		gives '1234 1234' -S blue -G red "$pid" sh -c 'id -u; id -G'
		# No name service in there.
		gives '1234 1234' -m --setuid=blue --setgid=red "$pid" sh -c 'id -u; id -G'
	else
		gives 0 -S blue "$pid" id -u
	fi
}

@test "ns-enter: names are read where the target may make a trap of passwd" {
	local trap
	for trap in 'mkfifo /etc/passwd' 'mkdir /etc/passwd' 'ln -s /proc/self/fd/0 /etc/passwd' \
		'head -c 3000000 /dev/zero >/etc/passwd' 'ln -s /dev/zero /etc/passwd' ':'; do
		script trap "mount -t tmpfs none /etc; $trap; exec sleep 1000"
		start unshare -Urm ./trap
		wait_for is_comm "$pid" sleep
		refused "option '--setuid': neither an ID, .*: 'blue'" -S blue "$pid"
		gives 0 "$pid" id -u
		end "$pid"
	done
}

@test "ns-enter: --setuid=follow and --setgid=follow take the target's own IDs" {
	requires root
	start setpriv --reuid=1001 --regid=1002 --clear-groups sleep 1000
	wait_for is_comm "$pid" sleep
	says "note: process $pid is in all of your namespaces; none is entered" '1001 1002 1002' \
		-a -t "$pid" -S follow -G follow sh -c 'id -u; id -g; id -G'
	gives '1001 1002 1002' -u -t "$pid" -S follow -G follow sh -c 'id -u; id -g; id -G'
}

# dies_at HOW ARGUMENT... - the target is killed while the tool is in setns(2)
dies_at() {
	local how=$1
	shift
	rm -f calls
	strace -f -o calls -e trace=setns -e "inject=setns:$how=400000" ns-enter "$@" id >printed 2>said &
	local tool=$!
	wait_for grep -qs 'setns(' calls
	end "$pid"
	local status=0
	wait "$tool" || status=$?
	cat printed said
	[ "$status" = 125 ]
	[ ! -s printed ]
	[[ $(cat said) =~ ^ns-enter:\ cannot\ enter\ process\ \'$pid\':\ (no\ such\ process|it\ has\ exited\ \(zombie\))$ ]]
}

@test "ns-enter: IDs of a target that died meanwhile are an error, and never 0" {
	requires cmd strace
	local how arguments all=('-S follow' '-a -S follow')
	! probe_root || all+=('-S follow -G follow' '-G follow')
	for how in delay_exit delay_enter; do
		[ $how = delay_exit ] || all=('-S follow')
		for arguments in "${all[@]}"; do
			if probe_root; then
				start setpriv --reuid=1001 --regid=1002 --clear-groups \
					unshare -Uru sleep 1000
			else
				start unshare -Uru sleep 1000
			fi
			wait_for is_comm "$pid" sleep
			# shellcheck disable=SC2086  # words
			dies_at $how $arguments -t "$pid"
		done
	done
}

@test "ns-enter: a target that died before its namespaces were joined is an error" {
	requires cmd strace
	start_in -Uru
	dies_at delay_enter -t "$pid"
}

@test "ns-enter: in a user namespace the command is root, or else who the caller is there" {
	start unshare -Urn sleep 1000
	wait_for is_in_other user "$pid"
	wait_for is_mapped "$pid"
	wait_for is_comm "$pid" sleep
	gives '0 0' "$pid" sh -c 'id -u; id -g'
	gives '0 0' -U -t "$pid" sh -c 'id -u; id -g'
	# Its own ID is mapped, to another than 0.
	start unshare --user --map-user=5 --map-group=7 sleep 1000
	wait_for is_comm "$pid" sleep
	gives '5 7' "$pid" sh -c 'id -u; id -g'
	start unshare --user sleep 1000
	wait_for is_comm "$pid" sleep
	refused "cannot have a user and a group inside: neither 0 nor your own user is mapped there" "$pid"
	gives '65534 65534' --preserve-credentials "$pid" sh -c 'id -u; id -g'
	refused "cannot set user ID '7': not mapped in user:\[$(inode user "$pid")\]" -S 7 --preserve-credentials "$pid"
}

is_in_other() { [ "$(ns "$1" "$2" 2>/dev/null)" != "$(ns "$1")" ] && [ -n "$(ns "$1" "$2")" ]; }

@test "ns-enter: IDs that are not mapped inside are refused by the name of the user namespace, also by --dry-run" {
	start unshare --user sleep 1000
	wait_for is_comm "$pid" sleep
	echo deny >"/proc/$pid/setgroups"
	echo "5 $uid 1" >"/proc/$pid/uid_map"
	echo "7 $gid 1" >"/proc/$pid/gid_map"
	local dry inside
	inside="user:\[$(inode user "$pid")\]"
	for dry in -v --dry-run; do
		run -125 --separate-stderr enter $dry -S 0 "$pid" true
		[ "${stderr_lines[-1]}" = "ns-enter: cannot set user ID '0': not mapped in ${inside//\\/}" ]
		run -125 --separate-stderr enter $dry --preserve-credentials -S 6 "$pid" true
		[ "${stderr_lines[-1]}" = "ns-enter: cannot set user ID '6': not mapped in ${inside//\\/}" ]
		run -0 --separate-stderr enter $dry -S 5 "$pid" true
		[[ $stderr == *'setresgid(7, 7, 7)'*'setresuid(5, 5, 5)'* ]]
	done
	refused "cannot set user ID '0': not mapped in $inside" -S 0 "$pid"
	if probe_root; then
		start unshare --user sleep 1000
		wait_for is_comm "$pid" sleep
		echo "0 0 1" | tee "/proc/$pid/uid_map" >"/proc/$pid/gid_map"
		inside="user:\[$(inode user "$pid")\]"
		refused "cannot set group ID '9': not mapped in $inside" -G 9 "$pid"
	fi
}

@test "ns-enter: where setgroups is denied, groups are left alone, and --setgid is refused" {
	start_in -Urn
	if probe_root; then
		# It drops them out here.
		bound=(setpriv --groups=5,6 timeout -k 1 20)
		gives 0 "$pid" id -G
		gives 0 -G 0 "$pid" id -G
		return
	fi
	gives 0 "$pid" id -u
	gives 0 -S 0 "$pid" id -u
	refused "cannot drop the supplementary groups: setgroups is denied in (that user namespace|user:\[$(inode user "$pid")\])" -G 0 "$pid"
}

caps() { sed -n 's/^Cap\(Inh\|Prm\|Eff\|Amb\):\t/\1 /p' /proc/self/status; }

@test "ns-enter: --keep-caps keeps the capabilities of the user namespace, which exec else takes" {
	start unshare --user --map-user=5 --map-group=7 sleep 1000
	wait_for is_comm "$pid" sleep
	local none=0000000000000000 full
	full=$(unshare -Ur sed -n 's/^CapEff:\t//p' /proc/self/status)
	gives "Inh $none Prm $none Eff $none Amb $none" "$pid" sed -n 's/^Cap\(Inh\|Prm\|Eff\|Amb\):\t/\1 /p' /proc/self/status
	gives "Inh $full Prm $full Eff $full Amb $full" --keep-caps "$pid" sed -n 's/^Cap\(Inh\|Prm\|Eff\|Amb\):\t/\1 /p' /proc/self/status
	start_in -Uru
	gives "Inh $none Prm $full Eff $full Amb $none" "$pid" sed -n 's/^Cap\(Inh\|Prm\|Eff\|Amb\):\t/\1 /p' /proc/self/status
}

# --- Directories

# A target whose root is the directory "jail", the same tree again, below its mount namespace
jailed() {
	mkdir -p jail
	start unshare -Urm sh -ec 'mount --rbind / jail; cd "jail/$0"; exec chroot "$OLDPWD/jail" sh -c "cd $0; exec sleep 1000"' "$PWD"
	wait_for is_comm "$pid" sleep
}

@test "ns-enter: --root changes to the target's root, and always goes there" {
	jailed
	local there='pwd; [ . -ef / ] && echo root; [ -d "$0" ] && echo there'
	cd /usr/bin
	gives '/ root there' -r "$pid" sh -c "$there" "$BATS_TEST_TMPDIR"
	gives '/ root there' --root -t "$pid" -a sh -c "$there" "$BATS_TEST_TMPDIR"
	gives '/ root there' -U -m "-r/proc/$pid/root" "$pid" sh -c "$there" "$BATS_TEST_TMPDIR"
	gives '/ root there' -U -m "--root=/proc/$pid/root/" "$pid" sh -c "$there" "$BATS_TEST_TMPDIR"
	gives '/ root there' -U "-r=/" "$pid" sh -c "$there" "$BATS_TEST_TMPDIR"
	# The working directory is below the root: nothing is above it.
	gives 'in' -r "$pid" inside escape . "$BATS_TEST_TMPDIR/jail/no"
	run -0 enter -r "$pid" readlink /proc/self/cwd
	[ "$output" = / ]
	gives "$BATS_TEST_TMPDIR" -r -w "$pid" pwd -P
	gives /usr -r --wdns=/usr "$pid" pwd -P
}

@test "ns-enter: --root and --wd of what is none are refused, and --wd beside --wdns" {
	echo text >file
	start_in -Urm
	refused "cannot (change root to|open) '/missing': No such file or directory" --root=/missing "$pid"
	refused "cannot (change root to|open) 'file': Not a directory" --root=file "$pid"
	refused "cannot (change root to|open) '': No such file or directory" --root= "$pid"
	refused "cannot (change directory to|open) '/missing': No such file or directory" --wd=/missing "$pid"
	refused "cannot (change directory to|open) 'file': Not a directory" -wfile "$pid"
	refused "cannot change directory to '/missing': No such file or directory" --wdns=/missing "$pid"
	refused "cannot change directory to '/etc/passwd': Not a directory" -W/etc/passwd "$pid"
	refused "option '--wd': cannot stand beside '--wdns'|option '--wdns': cannot stand beside '--wd'" --wd=/ --wdns=/ "$pid"
}

@test "ns-enter: --wd is the target's directory or one out here, --wdns one inside" {
	mkdir there
	start unshare -Urm sh -ec 'mount -t tmpfs none there; mkdir there/in; cd there/in; exec sleep 1000'
	wait_for is_comm "$pid" sleep
	gives "$PWD/there/in" -w "$pid" pwd -P
	gives "$PWD/there/in" --wd -a -t "$pid" pwd -P
	gives "$PWD/there/in" "-W$PWD/there/in" "$pid" pwd -P
	gives "$PWD/there/in" "--wdns=$PWD/there/in" "$pid" pwd -P
	refused "cannot (open|change directory to) '$PWD/there/in': No such file or directory" "-w$PWD/there/in" "$pid"
	# That is what is open out here, although a mount covers it inside.
	gives "$(stat -c %d:%i there)" "-w=there" "$pid" stat -c %d:%i .
}

@test "ns-enter: --wdns follows no link of proc" {
	ln -s /proc/self/fd/0 magic0
	ln -s /proc/self/cwd magic1
	ln -s /proc/thread-self/root magic2
	ln -s /usr plain
	start_in -Urm
	local link
	for link in magic{0,1,2} /proc/self/cwd /proc/self/root; do
		refused "cannot change directory to '.*': Too many levels of symbolic links" "--wdns=$(realpath -s "$link")" "$pid" </usr
	done
	gives /usr "--wdns=$PWD/plain" "$pid" pwd -P
}

# It is looked up while the tool still has descriptors open.
@test "ns-enter: no link of proc leads the command out of the mounts that were entered" {
	start_in -Urm
	local fd option
	mkdir -p hidden
	cp "$(type -P echo)" hidden/evil
	for fd in {3..20}; do
		ln -s "/proc/self/fd/$fd/evil" "evil$fd"
		ln -s "/proc/self/fd/$fd/hidden/evil" "near$fd"
		ln -s "/proc/self/fd/$fd$PWD/hidden/evil" "far$fd"
		printf '#!/proc/self/fd/%s\n' "$fd" >"script$fd"
		chmod 755 "script$fd"
	done
	nsenter -t "$pid" -U -m --preserve-credentials mount -t tmpfs none "$PWD/hidden"
	cd hidden
	for option in -F -f "--pid-file=$PWD/pid-file" "--pid-file=$PWD/pid-file --ready-fd=2" \
		"-d --log=$PWD/log" "--root --wd=$PWD" "--wd=$PWD --mount-proc=/proc -p"; do
		for fd in {3..20}; do
			for name in evil near far script; do
				# shellcheck disable=SC2086  # words
				enter $option "$pid" "../$name$fd" outside >>../printed 2>/dev/null || echo failed
			done
		done
	done >../results
	[ "$(uniq -c ../results | tr -d ' ')" = 504failed ]
	[ ! -s ../printed ]
	[ ! -e ../log ] || ! grep outside ../log
}

@test "ns-enter: the directory is kept where it exists inside; else it is the root, with a note on a terminal" {
	mkdir -p top/sub
	start unshare -Urm sh -ec 'mount -t tmpfs none top; exec sleep 1000'
	wait_for is_comm "$pid" sleep
	gives "$PWD" "$pid" pwd -P
	gives "$PWD/top" -U -m "$pid" sh -c "cd top; pwd -P"
	gives "$PWD" --user="/proc/$pid/ns/user" --mount="/proc/$pid/ns/mnt" pwd -P
	cd top/sub
	gives / "$pid" pwd -P
	# Without the mount namespace it is still there.
	gives "$PWD" -U "$pid" pwd -P
	run -0 pty -- timeout 20 ns-enter "$pid" pwd -P
	[ "$(squeeze <<<"${output//$'\r'/}")" = "ns-enter: note: there is no directory '$PWD' inside; in the root directory /" ]
	cd "$BATS_TEST_TMPDIR/top"
	run -0 pty -- timeout 20 ns-enter "$pid" pwd -P
	[ "${output//$'\r'/}" = "$PWD" ]
}

# A directory of the caller's does not get the command out of its root.
@test "ns-enter: the command's directory is never outside of its root" {
	jailed
	cd "$BATS_TEST_TMPDIR"
	local options
	for options in -r "-r -w" "-r --wdns=/usr" "-r -m" "-r -U -m -w" "--root=/proc/$pid/root" \
		"--root=/proc/$pid/root -W/"; do
		# shellcheck disable=SC2086  # words
		run -0 --separate-stderr enter $options -t "$pid" -a sh -c 'readlink /proc/self/cwd; cd ..; cd ..; cd ..; cd ../..; cd ../..; [ . -ef / ] && echo top'
		echo "$options: $output $stderr"
		[[ ${lines[0]} == /* ]]
		[[ ${lines[0]} != *unreachable* ]]
		[ "${lines[1]}" = top ]
	done
}

# --- Environment

# with_environment VARIABLE... - a target of one's own with these alone; sets pid
with_environment() {
	local options=$1
	shift
	# shellcheck disable=SC2086  # words
	start env -i "$@" "$(type -P unshare)" $options "$(type -P sleep)" 1000
	wait_for is_comm "$pid" sleep
}

# What the command gets in any case: its own, and the caller's PATH.
own_variables() {
	local entry
	IFS=: read -ra entry < <(getent passwd 0)
	echo "HOME=${entry[5]} PATH=$PATH SHELL=${entry[6]} USER=root"
}

evil=(HOME=/evil PROMPT_COMMAND=/evil LD_PRELOAD=/nonexistent/evil.so LD_LIBRARY_PATH=/evil BASH_ENV=/evil ENV=/evil IFS=x
	GCONV_PATH=/evil PYTHONPATH=/evil PERL5LIB=/evil)

@test "ns-enter: --env=target takes the target's variables, but none that steers across privilege" {
	with_environment -Uru A=1 'B=two words' PATH=/evil "${evil[@]}"
	local print='env | grep -vE "^(PWD|OLDPWD|SHLVL|_)=" | sort' option
	for option in -e --env --env=target; do
		says 'note: 9 of the target.s variables are not taken: .*' "A=1 B=two words $(own_variables)" $option "$pid" sh -c "$print"
	done
	end "$pid"
	with_environment -Uru IFS=x C=3
	says 'note: 1 of the target.s variables is not taken: .*' "C=3 $(own_variables)" -e "$pid" sh -c "$print"
	with_environment -Uru C=3
	gives "C=3 $(own_variables)" -e "$pid" sh -c "$print"
}

@test "ns-enter: another user's process is less privileged, too" {
	requires root
	start setpriv --reuid=1001 --regid=1002 --clear-groups env -i "${evil[@]}" A=1 "$(type -P sleep)" 1000
	wait_for is_comm "$pid" sleep
	run -0 --separate-stderr enter -n -e "$pid" /usr/bin/env
	echo "$stderr"
	[ "$(sort <<<"$output" | squeeze)" = "A=1 $(own_variables)" ]
	[[ $stderr == "ns-enter: note: 9 of the target's variables are not taken: "* ]]
}

@test "ns-enter: so is one of a user namespace that is not entered, or with fewer capabilities" {
	requires root userns
	local print='env | grep -vE "^(PWD|OLDPWD|SHLVL|_)=" | sort'
	with_environment -Uru A=1 "${evil[@]}"
	says 'note: 9 of the target.s variables are not taken: .*' "A=1 $(own_variables)" -u -e "$pid" sh -c "$print"
	end "$pid"
	start setpriv --bounding-set=-sys_admin env -i "${evil[@]}" A=1 "$(type -P sleep)" 1000
	wait_for is_comm "$pid" sleep
	says 'note: 9 of the target.s variables are not taken: .*' "A=1 $(own_variables)" -n -e "$pid" sh -c "$print"
}

@test "ns-enter: one's own process gives its environment as it is" {
	start env -i BASH_ENV=/own IFS=x PATH=/usr/bin:/bin A=1 sleep 1000
	wait_for is_comm "$pid" sleep
	run -0 --separate-stderr enter -n -e "$pid" env
	[ "$(sort <<<"$output" | squeeze)" = 'A=1 BASH_ENV=/own IFS=x PATH=/usr/bin:/bin' ]
	[ -z "$stderr" ]
}

@test "ns-enter: a letter that takes no value is told apart from those that do" {
	refused "option '-=': unknown" -e=target "$$"
	hints "this letter takes no '='; a value is for the long name, as in '--uts=FILE'"
}

@test "ns-enter: --env=keep, the default, and --env=clean; other words are refused" {
	with_environment -Uru A=1
	export MINE=1 TERM=dumb
	gives 1 "$pid" printenv MINE
	gives 1 --env=keep "$pid" printenv MINE
	run -1 enter "$pid" printenv A
	run -0 --separate-stderr enter --env=clean "$pid" env
	[ -z "$stderr" ]
	[[ $output != *MINE=* && $output != *A=1* ]]
	grep -qx 'TERM=dumb' <<<"$output"
	grep -qx 'USER=root' <<<"$output"
	grep -qx "HOME=$(getent passwd 0 | cut -d: -f6)" <<<"$output"
	grep -q '^PATH=/usr/local/sbin' <<<"$output"
	local word
	for word in none '' Keep 1; do
		refused "option '--env': .*" "--env=$word" "$pid"
	done
}

@test "ns-enter: --env takes an empty environment, one of 1.5 MiB, and entries without '='" {
	local env
	env=$(type -P env)
	start env -i unshare -Uru sleep 1000
	wait_for is_comm "$pid" sleep
	run -0 --separate-stderr enter -e "$pid" "$env"
	[ "$(sort <<<"$output" | squeeze)" = "$(own_variables)" ]
	[ -z "$stderr" ]
	start_line unshare -Uru quarry environ 1500 WORD
	[ "$line" = ready ]
	run -0 --separate-stderr enter --env "$pid" env
	[ -z "$stderr" ]
	[ "$(grep -cx 'V[0-9]*=0*' <<<"$output")" = 1500 ]
	[[ $output != *WORD* ]]
	start_line unshare -Uru quarry environ 0 WORD
	run -0 --separate-stderr enter --env "$pid" "$env"
	[ "$(sort <<<"$output" | squeeze)" = "$(own_variables)" ]
}

# --- Descriptors

# Lines of arguments, each with another option, for a target that each may enter
lines_of_all() {
	cat <<-END
		$pid
		-a -t $pid
		-U -m -u -n $pid
		--net=/proc/$pid/ns/net
		$(inode net "$pid")
		--user-parent -n $pid
		-r $pid
		--root=/ $pid
		-w $pid
		--wd=/usr $pid
		-W/usr $pid
		-S 0 $pid
		--preserve-credentials $pid
		--keep-caps $pid
		-e $pid
		--env=clean $pid
		--exact $pid
		-f $pid
		-F $pid
		--kill-child $pid
		--new-session $pid
		--sealed $pid
	END
}

# Print the descriptors of a shell that runs under this
descriptors() {
	"$@" sh -c 'for fd in /proc/$$/fd/*; do echo ${fd##*/} $(readlink $fd); done' </dev/null 8>eight |
		sed 's/pipe:.*/pipe/'
}

@test "ns-enter: the command has no descriptor but the caller's, with each option" {
	start_in -Urmun
	local arguments all
	mapfile -t all < <(lines_of_all)
	descriptors >bare
	for arguments in "${all[@]}"; do
		# shellcheck disable=SC2086  # words
		descriptors enter $arguments >found
		diff bare found || { echo "^ $arguments"; false; }
	done
}

# Of strace -ff, the lines of the tool's own processes that make a descriptor
made='
	/^execve\(.* = 0$/ && !/^execve\("[^"]*(ns-enter"|\/proc\/self\/fd)/ && !/^execve\("", / { nextfile }
	/ = [0-9]+$/ && !/^syscall_0x|^execve\(|^execveat\(|^pidfd_open\(|cap_last_cap|self\/(cmdline|environ|maps)"/'

@test "ns-enter: each descriptor is closed on exec from the call that opens it" {
	requires cmd strace
	start_in -Urmun
	local unseen arguments calls=openat,open,openat2,open_tree,socket,socketpair,pipe,pipe2,eventfd2,dup,dup2,dup3
	calls+=,epoll_create1,signalfd4,memfd_create,fsopen,fsmount,accept4,inotify_init1,execve,execveat
	# An ordinary user's strace cannot look into a process that is not dumpable.
	probe_root || unseen='|^openat2\(.*, 0x[0-9a-f]+, 0x'
	while read -r arguments; do
		rm -f calls.*
		# shellcheck disable=SC2086  # words
		strace -ff -o calls -e trace=$calls ns-enter $arguments true </dev/null
		awk "$made" calls.* >lines
		grep -q CLOEXEC lines
		! grep -vE "CLOEXEC$unseen" lines || { echo "^ $arguments"; false; }
	done < <(lines_of_all)
}

# Print the files that are opened between the first setns(2) and the last execve(2).
opened_inside() {
	cat calls.* | sed -n '/^[0-9.]* /p' | sort -n | sed 's/^[0-9.]* //' |
		awk '/^setns\(/ { inside = 1 } inside && /^execve\(/ { exit }
			inside && /^(open|openat|openat2|execve|fopen)\(/ && / = [0-9]+$/ {
				split($0, part, "\""); print part[2] }'
}

@test "ns-enter: between setns and execve it opens but the maps, passwd, and the command itself" {
	requires root cmd strace
	local arguments all
	start_in -Urmunpf
	while read -r arguments; do
		[[ $arguments != *--sealed* ]] || continue
		rm -f calls.*
		# shellcheck disable=SC2086  # words
		strace -ff -ttt -o calls -e trace=setns,open,openat,openat2,execve ns-enter $arguments /usr/bin/true </dev/null 2>/dev/null
		opened_inside >all
		[ -s all ]
		! grep -vxE '(/proc/self/)?(setgroups|uid_map|gid_map|cgroup|status)|/?etc/passwd|/?etc/group|/lib(64)?/ld-[^/]*|/|\.|/usr/bin/true|/proc/self/(ns/.*|mountinfo)|/usr|/dev/null|'"$PWD" all || { echo "^ $arguments"; false; }
		run ! grep -vE '/ld-[^/]*$' <(grep -E '\.so|locale|nsswitch|nss|gconv|ld\.' all)
	done < <(lines_of_all)
}

@test "ns-enter: it is not dumpable from before the first setns" {
	requires cmd strace
	start_in -Urun
	strace -f -o calls -e trace=setns,prctl,execve ns-enter "$pid" true
	grep -n 'prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE) *= 0\|setns(' calls | head -n 1 | grep PR_SET_DUMPABLE
	run ! grep 'PR_SET_DUMPABLE, SUID_DUMP_USER' calls
}

# --- Commands and shells

@test "ns-enter: the shell is the first of SHELL, the target's, /bin/bash and /bin/sh that is there" {
	script shells 'mount -t tmpfs none /etc
		mount -t tmpfs none /opt
		printf "#!/bin/sh\necho from passwd\n" >/opt/passwd-shell
		printf "#!/bin/sh\necho from SHELL\n" >/opt/caller-shell
		chmod 755 /opt/*shell
		echo "root:x:0:0::/:/opt/passwd-shell" >/etc/passwd
		exec sleep 1000'
	start unshare -Urm ./shells
	wait_for is_comm "$pid" sleep
	[ ! -e /opt/caller-shell ]
	SHELL=/opt/caller-shell run -0 enter "$pid"
	[ "$output" = 'from SHELL' ]
	unset SHELL
	gives 'from passwd' "$pid"
	SHELL='' run -0 enter "$pid"
	[ "$output" = 'from passwd' ]
	SHELL=/only/outside run -0 enter "$pid"
	[ "${lines[-1]}" = 'from passwd' ]
	nsenter -t "$pid" -U -m --preserve-credentials rm /opt/passwd-shell
	run -0 enter "$pid" <<<'echo $0; exit 0'
	[[ $output == *bash* ]]
	nsenter -t "$pid" -U -m --preserve-credentials sh -c 'mount --bind /dev/null "$(realpath /bin/bash)"'
	run -0 enter "$pid" <<<'echo $0; exit 0'
	[[ ${lines[-1]} == -sh || ${lines[-1]} == *dash ]]
}

@test "ns-enter: a command that is only outside is not found, with a hint; one only inside is" {
	mkdir there
	script there/outside 'echo outside'
	start unshare -Urm sh -ec 'mount -t tmpfs none there
		printf "#!/bin/sh\necho inside\n" >there/inside
		chmod 755 there/inside
		exec sleep 1000'
	wait_for is_comm "$pid" sleep
	PATH=$PWD/there:$PATH
	gives inside "$pid" inside
	gives inside "$pid" "$PWD/there/inside"
	run -127 --separate-stderr enter "$pid" outside
	[ "${stderr_lines[0]}" = "ns-enter: cannot find command 'outside': it is in no directory of PATH" ]
	hints "outside it is '$PWD/there/outside'; .*"
	run -127 --separate-stderr enter "$pid" "$PWD/there/outside"
	[[ ${stderr_lines[0]} == "ns-enter: cannot find command '$PWD/there/outside': No such file or directory" ]]
	hints "outside it is '$PWD/there/outside'; .*"
	run -127 --separate-stderr enter "$pid" no-such-command
	[ ${#stderr_lines[@]} = 1 ]
	run -126 --separate-stderr enter "$pid" /etc/passwd
	run -126 --separate-stderr enter "$pid" /usr
}

# --- The tool's own program

@test "ns-enter: what leads to its own program is not executed, unless it is sealed" {
	start_in -Urm
	local own=$NS_BUILD/ns-enter file
	printf '#!/proc/self/exe --version\n' >script1
	printf '#! \t/proc/self/exe\n' >script2
	printf '#!%s --version\n' "$own" >script3
	ln -s /proc/self/exe link
	ln -s "$own" other
	chmod 755 script*
	for file in ./script1 ./script2 ./script3 /proc/self/exe ./link ./other "$own" ns-enter; do
		run -126 --separate-stderr enter "$pid" "$file" --version
		echo "$stderr"
		[ -z "$output" ]
		[[ ${stderr_lines[0]} =~ ^"ns-enter: cannot execute '"[^\']*"': it leads to the program of ns-enter itself"$ ]]
		hints 'those inside could change that program; --sealed runs from a copy that they cannot change'
	done
	# The name of a program that happens to be mentioned is none.
	printf '#!/bin/sh\necho %s\n' "$own" >script4
	chmod 755 script4
	gives "$own" "$pid" ./script4
}

@test "ns-enter: --sealed runs from a memfd that nobody can write to" {
	requires cmd strace
	start_in -Urmu
	strace -o calls -e trace=memfd_create,fcntl,execve,execveat,setns ns-enter --sealed "$pid" true
	grep -E 'F_ADD_SEALS, F_SEAL_SEAL\|F_SEAL_SHRINK\|F_SEAL_GROW\|F_SEAL_WRITE' calls
	# And that before it joins anything.
	[ "$(grep -nE '^setns' calls | head -n 1 | cut -d: -f1)" -gt "$(grep -n 'F_ADD_SEALS' calls | cut -d: -f1)" ]
	[ "$(grep -c '^memfd_create' calls)" = 1 ]
	# The waiting parent, as seen by a command
	run -0 enter --sealed -f "$pid" sh -c 'readlink "/proc/$PPID/exe" || echo hidden'
	[[ $output == */memfd:ns-enter* || $output == *hidden ]]
	printf '#!/proc/self/exe --version\n' >script
	chmod 755 script
	run enter --sealed "$pid" ./script
	[ "$status" = 0 ] || [ "$status" = 126 ]
	gives ran --sealed "$pid" echo ran
	run -7 enter --sealed "$pid" sh -c 'exit 7'
}

# --- Control groups

@test "ns-enter: --join-cgroup joins the target's, keeps standard input, and leaks nothing" {
	requires root
	local top file=/sys/fs/cgroup/cgroup.procs
	[ -e $file ] || file=/sys/fs/cgroup/unified/cgroup.procs
	[ -e $file ] || skip "requires: cgroup2"
	top=$(dirname $file)
	start_in -u
	cgroups+=("$top/ns-enter-test.$$")
	mkdir "${cgroups[0]}"
	echo "$pid" >"${cgroups[0]}/cgroup.procs"
	for option in -c --join-cgroup; do
		run -0 --separate-stderr enter $option -u "$pid" sh -c 'grep ^0: /proc/self/cgroup; cat' <<<hello
		came "0::/ns-enter-test.$$ hello"
		descriptors >bare
		descriptors enter $option "$pid" >found
		diff bare found
	done
	# Gone, full
	echo 1 >"${cgroups[0]}/pids.max" 2>/dev/null || true
	echo "$pid" >"$top/cgroup.procs"
	wait_for rmdir "${cgroups[0]}"
	cgroups=()
	gives ran -c -u "$pid" echo ran
	run -125 --separate-stderr setpriv --reuid=65534 --regid=65534 --clear-groups timeout 20 ns-enter -c -u "$pid" echo ran
	[ -z "$output" ]
}

# refused_cgroup PATTERN COMMAND... - with 125 and this message alone, also by --dry-run
refused_cgroup() {
	local pattern=$1 dry
	shift
	for dry in '' --dry-run; do
		run -125 --separate-stderr "$@" ns-enter $dry -c -u "$pid" echo ran
		echo "$stderr"
		[ -z "$output" ]
		[[ ${stderr_lines[-1]} =~ ^ns-enter:\ cannot\ join\ $pattern$ ]]
	done
}

@test "ns-enter: --join-cgroup is refused where the cgroup is not shown, not ours to write to, or busy" {
	requires root cmd strace
	local top=/sys/fs/cgroup name=ns-enter-test.$$
	[ -e $top/cgroup.procs ] || top=/sys/fs/cgroup/unified
	[ -e $top/cgroup.procs ] || skip "requires: cgroup2"
	start setpriv --reuid=65534 --regid=65534 --clear-groups unshare -Uru sleep 1000
	wait_for is_comm "$pid" sleep
	cgroups+=("$top/$name/its" "$top/$name/other" "$top/$name")
	mkdir "$top/$name" "$top/$name/its" "$top/$name/other"
	echo "$pid" >"$top/$name/its/cgroup.procs"
	# Its own user may write to that one, but not to what it and ours are both in.
	chown 65534 "$top/$name/its" "$top/$name/its/cgroup.procs"
	refused_cgroup "cgroup '/$name/its': Permission denied" \
		setpriv --reuid=65534 --regid=65534 --clear-groups "${bound[@]}"
	refused_cgroup 'the cgroup: no hierarchy of version 2 is mounted below /sys/fs/cgroup' \
		in_private_mounts sh -c 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"' sh "${bound[@]}"
	refused_cgroup "cgroup '/$name/its': No such file or directory" \
		in_private_mounts sh -c 'mount --bind "$0/other" "$1" && shift && exec "$@"' "$top/$name" "$top" "${bound[@]}"
	# What has controllers for its children takes no process: then none is in it, for long.
	run -125 --separate-stderr "${bound[@]}" strace -o calls -P "$top/$name/its/cgroup.procs" \
		-e inject=write:error=EBUSY ns-enter -c -u "$pid" echo ran
	[ "$output$stderr" = "ns-enter: cannot join cgroup '/$name/its': Device or resource busy" ]
	grep -q INJECTED calls
	# And that all of this was not for want of something else:
	gives "0::/$name/its" -c -u "$pid" grep ^0: /proc/self/cgroup
	kill "$pid"
}

@test "ns-enter: --join-cgroup that is refused says so, and nothing is run" {
	requires user
	start_in -Uru
	run -125 --separate-stderr enter -c "$pid" echo ran
	echo "$stderr"
	[ -z "$output" ]
	[[ ${stderr_lines[0]} =~ ^ns-enter:\ cannot\ join\ (the\ )?cgroup.*:\ .* ]]
}

# --- Network by a socket

@test "ns-enter: --net-socket enters the network namespace of the target's socket" {
	requires kernel 5.6
	if probe_root; then start_line holder socket net; else start_line unshare -Ur holder socket net; fi
	local fd
	fd=$(find "/proc/$pid/fd" -lname 'socket:*' -printf '%f\n' | sort -n | tail -n 1)
	if probe_root; then
		gives "net:[$line]" --net-socket="$fd" -t "$pid" readlink /proc/self/ns/net
		gives "net:[$line]" -N "$fd" "$pid" readlink /proc/self/ns/net
	else
		gives "net:[$line]" -U -N "$fd" "$pid" readlink /proc/self/ns/net
	fi
	refused "cannot .*[/']999999': Bad file descriptor" -N 999999 "$pid"
	refused "cannot .*[/']0': .*" -N 0 "$pid"
	local word
	for word in -1 '' x 4294967296; do
		refused "option '--net-socket': .*" --net-socket="$word" "$pid"
	done
	refused "option '--target': must be a process for what was asked" -N 3 "/proc/$pid/ns/net"
}

# --- PID namespaces

@test "ns-enter: --no-fork with a PID namespace leaves the command out of it, and warns" {
	start_in -Urpmf
	run -0 --separate-stderr enter -F "$pid" readlink /proc/self/ns/pid
	[ "$output" = "$(ns pid)" ]
	[[ ${stderr_lines[0]} == "ns-enter: warning: the command itself stays in the old PID namespace; its children are in the new one" ]]
	[[ ${stderr_lines[1]} == "ns-enter: hint: --no-fork does that; leave it out" ]]
	[ ${#stderr_lines[@]} = 2 ]
	run -0 enter -F "$pid" sh -c 'readlink /proc/self/ns/pid; exit 0'
	[ "${lines[-1]}" = "$(ns pid "$pid")" ]
}

@test "ns-enter: a PID namespace without its mounts gets a note, and --mount-proc a proc" {
	requires proc
	start_in -Urpmf
	says "$note_proc" ran -U -p "$pid" echo ran
	gives ran "$pid" echo ran
	cat /proc/self/mountinfo >mine
	cat "/proc/$pid/mountinfo" >its
	# The sleep, as PID 1, and the shell
	run -0 --separate-stderr enter --mount-proc "$pid" sh -c 'echo /proc/[0-9]*; cat /proc/1/comm'
	[[ ${lines[0]} =~ ^/proc/1\ /proc/[0-9]+$ ]]
	[ "${lines[1]}" = sleep ]
	[ -z "$stderr" ]
	run -0 --separate-stderr enter -U -p --mount-proc "$pid" cat /proc/1/comm
	came sleep
	mkdir proc
	run -0 --separate-stderr enter --mount-proc="$PWD/proc" "$pid" sh -c 'cat proc/1/comm; [ -e /proc/self/x ] || echo old'
	came 'sleep old'
	diff mine /proc/self/mountinfo
	diff its "/proc/$pid/mountinfo"
	refused "cannot .*'/missing'.*: No such file or directory" --mount-proc=/missing "$pid"
}

# --- The command as a child

@test "ns-enter: ends as the command ends, by status and by signal, also with that blocked or ignored" {
	start_in -Urpmf
	local how status=0
	for how in "$pid" "-F $pid" "-U $pid" "-Uf $pid"; do
		[[ $how != -Uf* ]] || how="-U -f $pid"
		# shellcheck disable=SC2086  # words
		run -7 enter $how sh -c 'exit 7'
		# shellcheck disable=SC2086  # words
		run -255 enter $how sh -c 'exit 255'
	done
	# SIGTERM is 15.
	run -0 storm ns-enter "$pid" subject die 15
	[ "$output" = 'died of 15, left nothing' ]
	run -0 storm -b 15 ns-enter "$pid" subject die 15
	[[ $output =~ ^(died\ of\ 15|ended\ with\ 143),\ left\ nothing$ ]]
	run -0 storm -i 1 ns-enter "$pid" subject die 1
	[[ $output =~ ^(died\ of\ 1|ended\ with\ 129),\ left\ nothing$ ]]
}

@test "ns-enter: a signal to the tool reaches the command in its PID namespace, and nothing stays" {
	start_in -Urpmf
	local target=$pid signal command
	for signal in 1 2 15; do
		start_line ns-enter "$target" subject handler "$signal"
		[ "$line" = ready ]
		command=$(pgrep -P "$pid" -x subject)
		kill -"$signal" "$pid"
		wait_for gone "$pid"
		wait_for gone "$command"
	done
}

@test "ns-enter: --detach prints the command's PID and leaves it alone" {
	start_in -Urpmuf
	local option command
	for option in -d --detach; do
		run -0 --separate-stderr enter $option "$pid" sleep 1000
		command=$output
		started+=("$command")
		wait_for is_comm "$command" sleep
		[ "$(ns pid "$command")" = "$(ns pid "$pid")" ]
		[ "$(ns uts "$command")" = "$(ns uts "$pid")" ]
		end "$command"
	done
	run -127 --separate-stderr enter -d "$pid" no-such-command
	[ -z "$output" ]
}

@test "ns-enter: --ready-fd, --pid-file and --wait-fd tell when all is set up, and hold the command" {
	start_in -Urpmuf
	local target=$pid
	mkfifo go
	ns-enter --ready-fd=8 --pid-file="$PWD/file" --wait-fd=9 "$target" sh -c 'echo ran >ran' 8>ready 9<>go </dev/null 3>&- &
	local tool=$!
	wait_for test -s ready
	[ ! -e ran ]
	grep -q '"pid": *'"$(cat file)" ready || grep -q "$(cat file)" ready
	# Not dumpable before exec, it cannot be looked at by an ordinary user.
	! probe_root || [ "$(ns uts "$(cat file)")" = "$(ns uts "$target")" ]
	grep -q "$(inode uts "$target")" ready
	echo >go
	wait "$tool"
	[ "$(cat ran)" = ran ]
	[ "$(wc -l <ready)" = 2 ]
	refused "option '--ready-fd': descriptor 99 is not open" --ready-fd=99 "$target"
}

@test "ns-enter: --new-session gives the command a session, --kill-child an end with the tool" {
	start_in -Uru
	local target=$pid child
	run -0 enter --new-session "$target" sh -c 'ps -o sid= -p $$ | tr -d " "; echo $$'
	[ "${lines[0]}" = "${lines[1]}" ]
	start ns-enter --kill-child "$target" sleep 1000
	outer=$pid
	wait_for is_sleep_below "$outer"
	kill -KILL "$outer"
	wait_for gone "$pid"
}

# --- What is said

# Everything that differs between a dry run and a real one: results and numbers
less() { sed -E "s/ = -?[0-9]+.*$//; s/\<(FD|CHILD)\>/N/g; s/[0-9]+/N/g" "$1"; }

lines_to_say() {
	cat <<-END
		$pid
		-a -t $pid -S 0
		-U -u --keep-caps $pid
		-U -t $pid --net=/proc/$pid/ns/net
		-r -w $pid
		-W/usr $pid
		-U -m -p -n --kill-child $pid
		-d $pid
		--mount-proc $pid
		-F $pid
		--preserve-credentials -e $pid
		--new-session --env=clean $pid
	END
}

@test "ns-enter: --dry-run prints the lines of --verbose, and runs nothing" {
	requires proc
	start_in -Urmupnf
	local arguments
	while read -r arguments; do
		# shellcheck disable=SC2086  # words
		enter --dry-run $arguments /usr/bin/touch "$PWD/ran" 2>dry >out
		[ ! -e ran ]
		[ ! -s out ]
		# shellcheck disable=SC2086  # words
		enter -v $arguments /usr/bin/touch "$PWD/ran" 2>real >out
		wait_for test -e ran
		rm ran
		grep -q 'setns(' dry
		diff <(less dry) <(less real) || { echo "^ $arguments"; false; }
	done < <(lines_to_say)
}

changing='(unshare|setns|clone3?|v?fork|mount|umount2?|move_mount|fsopen|fsconfig|fsmount|open_tree|mount_setattr|pivot_root|chroot|f?chdir|set(host|domain)name|setre?s?[ug]id|setgroups|capset|unlink|mkdir|kill)\('
changing+='|O_CREAT|O_TRUNC|pwrite|write\(([03-9]|1[0-9])'

@test "ns-enter: --dry-run changes nothing, as strace sees it" {
	requires cmd strace
	start_in -Urmupnf
	local arguments
	while read -r arguments; do
		# shellcheck disable=SC2086  # words
		strace -f -o calls ns-enter --dry-run $arguments true >out 2>&1
		! grep -E "^[0-9]+ +($changing)" calls || { echo "^ $arguments"; false; }
		[ "$(grep -c '^[0-9]* *execve(' calls)" = 1 ]
	done < <(lines_to_say)
}

@test "ns-enter: --dry-run fails where the real run would, for the same reason" {
	local arguments
	start_in -Urmu
	while read -r arguments; do
		[ -n "$arguments" ] || continue
		# shellcheck disable=SC2086  # words
		run --separate-stderr enter $arguments
		[ "$status" = 125 ]
		echo "$arguments: $stderr"
		real="$status ${stderr_lines[0]}"
		# shellcheck disable=SC2086  # words
		run --separate-stderr enter --dry-run $arguments
		[ "$status ${stderr_lines[-1]}" = "$real" ] || [ "$status ${stderr_lines[-2]}" = "$real" ] ||
			{ echo "dry: $status $stderr"; false; }
	done <<-END
		-t 4194304 true
		--net=/proc/$pid/ns/uts true
		--net=/missing true
		--root=/missing $pid true
		--wd=/missing $pid true
		-S nosuch $pid true
		-N 999 $pid true
	END
	run -127 --separate-stderr enter --dry-run "$pid" /no/such/command
}

# --- System calls that fail

# Of strace -f, the calls from main() to the command's execve as "NAME NTH", each process
# counting its own.  Left out are those that cannot fail as called: exit, brk (which has no
# errno) and rt_sigprocmask.
calls_of='/^[0-9]+ +[a-z_0-9]+\(/ && !done {
	name = substr($2, 1, index($2, "(") - 1)
	times[$1, name]++
	begun = begun || $0 ~ /fcntl\(0, F_GETFD\)/
	done = begun && name == "execve"
	if (begun && name !~ /^(exit|exit_group|brk|rt_sigprocmask)$/)
		print name, times[$1, name]
}'

# each_call_fails ARGUMENT... - once: then it says so, nothing is run, and nothing is left;
# or it can do without.  The count may be met in the loader first, which speaks for itself.
each_call_fails() {
	local name nth
	strace -f -o calls ns-enter "$@" echo ran </dev/null >/dev/null
	awk "$calls_of" calls | sort -u >all
	[ "$(wc -l <all)" -gt 40 ]
	while read -r name nth; do
		storm -t 10 strace -f -o trace -e trace="$name" -e inject="$name:error=EIO:when=$nth" \
			ns-enter "$@" echo ran </dev/null >out 2>err || true
		case $(squeeze <out) in
		'ran ended with 0, left nothing')
			! grep -vE '^ns-enter: (note|warning): ' err ;;
		'ended with 12'[56]', left nothing')
			grep -q '^ns-enter: cannot ' err ;;
		*)
			grep -q 'error while loading shared libraries' err ;;
		esac || echo "$name $nth: $(squeeze <out) $(<err)"
	done <all
}

@test "ns-enter: of each system call that fails once it tells, or does without, and leaves nothing" {
	requires cmd strace
	start_in -UrmuinpCf
	run -0 --separate-stderr each_call_fails -a "$pid"
	came ''
	run -0 --separate-stderr each_call_fails --net="/proc/$pid/ns/net"
	came ''
}

# --- Many at once

# hunted [-p] - ten times 200 runs at once for 200 targets
hunted() {
	run --separate-stderr unshare -Urpf --mount-proc timeout -k 1 60 quarry hunt "$@" 200 10 200 ns-enter
	echo "$output"
	# Nothing else was said than that it is not there.
	! grep -vE "^ns-enter: cannot (enter process '[0-9]+': (no such process|it has exited \(zombie\)|it is not the one meant \(pidfd inode differs\))|read the namespaces of process '[0-9]+': No such file or directory)$" <<<"$stderr"
	[[ $output =~ ^([0-9]+)\ right,\ ([0-9]+)\ refused,\ 0\ wrong,\ 0\ hung$ ]]
	# Some of each, else nothing was tried.
	[ "${BASH_REMATCH[1]}" -gt 0 ]
	[ "${BASH_REMATCH[2]}" -gt 0 ]
}

@test "ns-enter: where targets end and others get their PIDs, PID:INODE is the one meant or an error" {
	requires proc kernel 6.9
	hunted
}

@test "ns-enter: where targets end and others get their PIDs, a run by PID never mixes two" {
	requires proc
	hunted -p
}
