#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# ns-list: what it finds, what it prints of it, and what it says of the rest.
load helpers/common

types=(user mnt uts ipc net pid cgroup time)

setup() {
	requires userns
	cd "$BATS_TEST_TMPDIR"
	started=()
}

teardown() {
	local pid
	for pid in "${started[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
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

is_in_other() { [ "$(ns "$1" "$2" 2>/dev/null)" != "$(ns "$1")" ] && [ -n "$(ns "$1" "$2")" ]; }

# start_in TYPE OPTION... - a sleep for which unshare(1) has made namespaces; sets pid
start_in() {
	local type=$1
	shift
	[ -z "${NS_PINNED-}" ] || { start_pinned "$@"; return; }
	start unshare "$@" sleep 1000
	wait_for is_in_other "$type" "$pid"
	wait_for grep -q sleep "/proc/$pid/comm"
}

inode() { ns "$@" | tr -dc '0-9\n'; }

# list ARGUMENT... - raw, without headings and notes
list() {
	local by_name=("$@")
	[ -z "${NS_PINNED-}" ] || by_name "$@"
	ns-list -r -n "${by_name[@]}" 2>/dev/null
}

# row INODE COLUMNS [ARGUMENT...] - these columns of this namespace
row() {
	local wanted=$1 columns=$2
	shift 2
	list -l -o "NS,$columns" "$@" | sed -n "s/^$wanted //p"
}

# refused PATTERN ARGUMENT... - with 125 and this message, and nothing on stdout
refused() {
	local pattern=$1
	shift
	run -125 --separate-stderr ns-list "$@"
	echo "$stderr"
	[ -z "$output" ]
	[[ ${stderr_lines[0]} =~ ^ns-list:\ ($pattern)$ ]]
}

# --- The same as lsns

# Others come and go: the rows whose first process is ours, or in which none is, but not
# those of the namespaces that the two tools and their pipes are in themselves.
ours() {
	awk -F '[ ]' -v ours=" $* " -v here=" $(for type in "${types[@]}"; do inode "$type"; done | xargs) " '
		!index(here, " " $1 " ") && ($4 == 0 || index(ours, " " $5 " "))' | sort
}

# tree_of PID... - these and what they have started
tree_of() {
	echo "$@"
	# shellcheck disable=SC2046
	[ $# = 0 ] || tree_of $(pgrep -P "$(IFS=,; echo "$*")")
}

@test "ns-list: the same rows and columns as lsns, of 300 processes in 50 namespaces" {
	requires cmd lsns
	local columns=NS,TYPE,PATH,NPROCS,PID,PPID,UID,USER,NETNSID,NSFS,PNS,ONS,COMMAND pids
	start_line crowd 280 10
	for ((i = 0; i < 3; i++)); do
		start_in user -U -r -m -u -i -n -C
		start_in user -U -r -T
		! probe_root || start_in uts -u setpriv --reuid=65534 --clear-groups
		start_in user -U -r unshare -U -r unshare -U -r
		start unshare -U -r -p -f --kill-child sleep 1000
		start unshare -U -r -p -f --kill-child unshare -p -f --kill-child sleep 1000
	done
	wait_for sh -c '[ $(lsns -n -l -t pid | wc -l) -ge 7 ]'
	sleep 0.2
	pids=$(tree_of "${started[@]}" | xargs)
	lsns -l -n -r -o "$columns" | ours "$pids" >theirs
	list -l -o "$columns" | ours "$pids" >mine
	wc -l <mine
	[ "$(wc -l <theirs)" -ge 45 ]
	# lsns misses ancestors in which no process is: the middle of three user namespaces.
	diff theirs mine >differences || true
	cat differences
	run ! grep '^<' differences
	[ "$(grep -c '^> [0-9]* user  0 ' differences)" -ge 6 ]
	run ! grep '^> [0-9]* [a-z]* /' differences
}

# The lines of one process, whatever stands beside and below it.
branch_of() {
	grep -w "$1" | sed 's/├/└/g; s/│/ /g' | tr -s ' '
}

@test "ns-list: the same trees as lsns, by owner, parent and process" {
	requires cmd lsns
	local relation
	start_in user -U -r -u
	for relation in owner parent process; do
		lsns -n -T$relation -o NS,TYPE,PID,COMMAND | branch_of "$pid" >theirs
		ns-list -n -T$relation -o NS,TYPE,PID,COMMAND 2>/dev/null | branch_of "$pid" >mine
		diff theirs mine
	done
	for relation in -T -Towner -T=owner --tree=owner --tree; do
		ns-list -n $relation -o NS,TYPE,PID 2>/dev/null | branch_of "$pid" >"tree$relation"
		diff tree-T "tree$relation"
	done
	[ -s tree-T ]
}

@test "ns-list: the same trees as lsns of one type alone, with the owners that were not asked for" {
	requires proc cmd lsns
	# shellcheck disable=SC2016
	run -0 unshare -U -r -m -p -f --kill-child --mount-proc bash -c '
		unshare -U -r -u -n sleep 1000 3>&- & unshare -n sleep 1000 3>&- &
		unshare -U -r -p -f sleep 1000 3>&- & unshare -p -f unshare -p -f sleep 1000 3>&- &
		until [ $(pgrep -c -x sleep) = 4 ]; do sleep 0.02; done
		for tree in owner parent process; do
			for types in "-t net" "-t pid" "-t uts" "-t mnt" "-t pid -t net" "-t user -t pid"; do
				lsns -n -T$tree $types -o NS,TYPE >theirs
				ns-list -n -T$tree $types -o NS,TYPE >mine 2>/dev/null
				diff theirs mine || echo "$tree $types"
			done
		done
		cat mine; kill -KILL $(pgrep -x sleep)'
	echo "$output"
	[ "$(grep -c '[<>]' <<<"$output")" = 0 ]
	[ "$(grep -c ' pid *$' <<<"$output")" = 4 ]
}

@test "ns-list: an inode lists the processes in the namespace, as lsns does" {
	requires cmd lsns
	start_in uts -U -r -u
	local uts
	uts=$(inode uts "$pid")
	[ "$(lsns "$uts")" = "$(ns-list "$uts" 2>/dev/null)" ]
	[ "$(lsns -l -o PID "$uts")" = "$(ns-list -l -o PID "$uts" 2>/dev/null)" ]
	[ "$(ns-list -o PID "$uts" -n 2>/dev/null | tr -d ' ')" = "$pid" ]
}

@test "ns-list: piped, its columns are exactly lsns' own; on a terminal there is NAME too" {
	local default='NS TYPE NPROCS PID USER COMMAND'
	[ "$(ns-list 2>/dev/null | head -n 1 | xargs)" = "$default" ]
	[ "$(ns-list -t net 2>/dev/null | head -n 1 | xargs)" = "NS TYPE NPROCS PID USER NETNSID NSFS COMMAND" ]
	requires cmd script
	script -qec 'ns-list -u' /dev/null </dev/null | head -n 1 | grep -q 'USER *NAME *COMMAND'
	script -qec 'ns-list -u -l' /dev/null </dev/null | head -n 1 | grep -q 'USER *COMMAND'
}

@test "ns-list: -o names columns in any case, after '+' in addition; --output-all is all" {
	[ "$(ns-list -o ns,Type 2>/dev/null | head -n 1 | xargs)" = "NS TYPE" ]
	[ "$(ns-list -o +path 2>/dev/null | head -n 1 | xargs)" = "NS TYPE NPROCS PID USER COMMAND PATH" ]
	[ "$(ns-list --output-all 2>/dev/null | head -n 1 | wc -w)" = "$(ns-list -H | wc -l)" ]
	[ "$(LC_ALL=tr_TR.UTF-8 ns-list -o pid,uid,command 2>/dev/null | head -n 1 | xargs)" = "PID UID COMMAND" ]
}

@test "ns-list: the table of columns in the manual is -H's" {
	diff <(sed -n 's/^\.It \([A-Z]*\) Ta .*/\1/p' "$NS_ROOT/man/ns-list.1") <(ns-list -H | awk '{ print $1 }')
}

@test "ns-list: -H lists the columns, also raw and in JSON" {
	run -0 ns-list -H
	[[ $output == *"NSFS <string>  nsfs mount points"* ]]
	run -0 ns-list -H -J
	[[ $output == *'"holder": "NS"'*'"type": "<integer>"'* ]]
	run -0 ns-list -H -r
	[[ ${lines[0]} == 'NS <integer> namespace\x20identifier'* ]]
}

@test "ns-list: -t, -p, -P and -n choose what is listed" {
	start_in net -U -r -n -u
	[ "$(list -l -o TYPE -t net -t uts | sort -u | xargs)" = "net uts" ]
	[ "$(list -l -o TYPE -t net,uts | sort -u | xargs)" = "net uts" ]
	[ "$(list -l -p "$pid" -o NS | sort)" = "$(for type in "${types[@]}"; do inode "$type" "$pid"; done | sort)" ]
	[ "$(list -l -p "$pid" -t net -o NS)" = "$(inode net "$pid")" ]
	run -0 --separate-stderr ns-list -P -o NPROCS -n
	[ -z "$(tr -d '0 \n' <<<"$output")" ]
	run -0 --separate-stderr ns-list -n -p "$pid"
	[[ $output != *NPROCS* ]]
}

@test "ns-list: a namespace that no process is in has no lines, and a note says so" {
	start_line unshare -U -r holder fd uts
	run -0 --separate-stderr ns-list -n "/proc/$pid/fd/$(row "$line" HOLDER | sed 's|.*/||')"
	[ -z "$output" ]
	[[ $stderr == *"note: no process is seen in '/proc/$pid/fd/"*"'; ns-list -P -o +WHY,HOLDER tells what keeps it"* ]]
	start_in uts -U -r -u
	run -0 --separate-stderr ns-list -n "/proc/$pid/ns/uts"
	[[ $stderr != *"no process is seen"* ]]
}

@test "ns-list: a filter is applied, or said to need libsmartcols 2.40" {
	if ! grep -q '^#define HAVE_SCOLS_FILTER' "$NS_ROOT/build/config.h"; then
		refused "option '--filter': .*libsmartcols .*it needs 2.40" -Q 'NPROCS > 1'
		skip "requires: scols-filter"
	fi
	run -0 --separate-stderr ns-list -r -n -l -o TYPE -Q 'TYPE == "net"'
	[ "$(sort -u <<<"$output")" = net ]
	refused "option '--filter': .*" -Q '('
	refused "option '--filter': .*" -Q "$(head -c 10000 /dev/zero | tr '\0' '(')"
	refused "option '--filter': .*" -Q "$(head -c 100000 /dev/zero | tr '\0' '+')"
	refused "option '--filter': unknown column 'NOPE'" -Q 'NOPE == 1'
}

# --- What it finds

@test "ns-list: a namespace held by one thread is listed, with the thread as its holder" {
	start_line unshare -U -r holder thread
	[ "$(row "$line" TYPE,WHY --threads)" = "uts thread" ]
	[[ $(row "$line" HOLDER) =~ ^/proc/$pid/task/[0-9]+/ns/uts$ ]]
}

@test "ns-list: a namespace held by an open descriptor is listed, with it as its holder" {
	local type
	for type in uts ipc net mnt user cgroup; do
		start_line unshare -U -r holder fd "$type"
		[ "$(row "$line" TYPE,WHY --fds)" = "$type fd" ]
		[[ $(row "$line" HOLDER --fds) =~ ^/proc/$pid/fd/[0-9]+$ ]]
		kill "$pid"
	done
}

@test "ns-list: a network namespace held by a socket is listed, and found by that reference" {
	requires kernel 5.6
	start_line unshare -U -r holder socket net
	# Its namespace may be asked for by who has CAP_NET_ADMIN over it.
	probe_root || skip "requires: root"
	[ "$(row "$line" TYPE,WHY)" = "net socket" ]
	local holder
	holder=$(row "$line" HOLDER)
	[[ $holder =~ ^/proc/$pid/fd/[0-9]+$ ]]
	run -0 ns-list --compare "$holder" "$line"
}

@test "ns-list: a time namespace that waits for children is listed" {
	requires timens
	start_line unshare -U -r holder children time
	[ "$(row "$line" TYPE,WHY)" = "time children" ]
}

@test "ns-list: a mounted namespace is listed, in other mount namespaces too, each reference once" {
	requires root cmd ip
	# shellcheck disable=SC2016
	start_line in_private_mounts sh -c 'mount -t tmpfs none /run; ip netns add blue
		readlink /run/netns/blue >/dev/null; stat -Lc %i /run/netns/blue; exec sleep 1000'
	[ "$(row "$line" TYPE,NPROCS,WHY)" = "net 0 mount" ]
	[[ $(row "$line" HOLDER) =~ ^/proc/([0-9]+)/root/run/netns/blue$ ]]
	pid=${BASH_REMATCH[1]}
	started+=("$pid")
	[ -z "$(row "$line" NSFS | tr -d ' ')" ]
	run -0 nsenter -m -t "$pid" "$NS_BUILD/ns-list" -r -n -l -t net -o NS,NAME,NSFS,HOLDER
	[[ $output == *"$line blue /run/netns/blue /run/netns/blue"* ]]
}

@test "ns-list: what is mounted in a mount namespace without a process is listed, with that as its holder" {
	requires root kernel 6.12
	local mnt fd
	# shellcheck disable=SC2016
	start_line unshare --mount --propagation private sh -c 'mount -t tmpfs none /mnt; : >/mnt/uts
		unshare --uts=/mnt/uts true; stat -Lc %i /mnt/uts; exec sleep 1000'
	mnt=$(inode mnt "$pid")
	exec {fd}<"/proc/$pid/ns/mnt"
	kill -KILL "$pid"
	wait_for gone "$pid"
	[ "$(row "$mnt" NPROCS,WHY)" = "0 fd" ]
	[ "$(row "$line" TYPE,NPROCS,WHY,HOLDER)" = "uts 0 mount mnt:[$mnt]" ]
	# Its owner cannot be known, and is not said to be root.
	[ -z "$(row "$line" NSFS,PID,UID,USER | tr -d ' ')" ]
	[ "$(row "$line" ONS)" = 0 ]
	run -0 ns-list "uts:[$line]"
	[ "$(list -l -o NS -t uts -P | grep -cx "$line")" = 1 ]
	exec {fd}<&-
	# Its inode may be another's by now.
	[ "$(row "$line" TYPE,HOLDER)" != "uts mnt:[$mnt]" ]
}

@test "ns-list: what is mounted outside the root directory of the only process is listed" {
	requires root kernel 6.12
	# shellcheck disable=SC2016
	start_line unshare --mount --propagation private sh -c 'mount -t tmpfs none /mnt; : >/mnt/uts
		unshare --uts=/mnt/uts true; stat -Lc %i /mnt/uts; mkdir /mnt/root; cd /mnt/root
		mount --rbind / . && cd . && exec chroot /mnt/root sleep 1000'
	wait_for grep -q sleep "/proc/$pid/comm"
	[ "$(row "$line" TYPE,NPROCS,WHY)" = "uts 0 mount" ]
	start_line unshare --mount --propagation private sh -c 'mount -t tmpfs none /mnt; : >/mnt/uts
		unshare --uts=/mnt/uts true; stat -Lc %i /mnt/uts; exec chroot /usr /bin/sleep 1000'
	wait_for grep -q sleep "/proc/$pid/comm"
	[ "$(row "$line" TYPE,NPROCS,WHY,HOLDER)" = "uts 0 mount mnt:[$(inode mnt "$pid")]" ]
}

@test "ns-list: mount namespaces whose mounts cannot be read are counted" {
	requires cmd strace
	start_line unshare -U -r holder fd mnt
	run -0 --separate-stderr strace -qq -o /dev/null -e trace=ioctl -e inject=ioctl:error=ENOTTY ns-list --fds
	[[ $stderr =~ note:\ the\ mounts\ of\ [0-9]+\ mount\ namespaces?\ could\ not\ be\ read ]]
}

@test "ns-list: a mount that another covers is no path to its namespace" {
	requires root
	# shellcheck disable=SC2016
	run -0 --separate-stderr in_private_mounts sh -c 'mount -t tmpfs none /run; mkdir /run/netns
		: >/run/netns/blue
		unshare --net=/run/netns/blue true; stat -Lc %i /run/netns/blue
		unshare --net=/run/netns/blue true; stat -Lc %i /run/netns/blue
		ns-list -r -n -l -t net -o NS,WHY,HOLDER,NAME; stat -Lc %i /proc/self/ns/mnt'
	echo "$output"
	local below=${lines[0]} above=${lines[1]} mnt=${lines[-1]}
	[[ $output == *$'\n'"$below mount mnt:[$mnt] "$'\n'* ]]
	[[ $output == *$'\n'"$above mount /run/netns/blue blue"$'\n'* ]]
}

@test "ns-list: owners and parents without a process are listed" {
	start unshare -U -r unshare -U -r unshare -U -r sleep 1000
	wait_for grep -q sleep "/proc/$pid/comm"
	local user middle outer
	user=$(inode user "$pid")
	middle=$(row "$user" PNS)
	outer=$(row "$middle" PNS)
	[ "$(row "$middle" TYPE,NPROCS,WHY)" = "user 0 namespace" ]
	[ "$(row "$outer" TYPE,NPROCS,WHY)" = "user 0 namespace" ]
	[ $(($(row "$user" LEVEL) - $(row "$outer" LEVEL))) = 2 ]
	[ "$(row "$middle" ONS)" = "$outer" ]
}

@test "ns-list: owners and parents are listed too where few descriptors may be open" {
	start unshare -U -r unshare -U -r unshare -U -r unshare -p -f --kill-child sleep 1000
	wait_for pgrep -P "$pid" -x sleep
	local inode limit
	inode=$(inode pid "$(pgrep -P "$pid" -x sleep)")
	for ((i = 0; i < 4; i++)); do
		echo "$inode"
		inode=$(row "$inode" ONS)
	done | sort >chain
	for limit in 64 32 16 9; do
		# shellcheck disable=SC2016
		run -0 --separate-stderr bash -c 'exec 3>&- 4>&-; ulimit -n '$limit'; exec ns-list -r -n -l -t user -t pid -o NS'
		[[ $stderr != *"limit of open files"* ]]
		[ "$(sort <<<"$output" | grep -cxFf chain)" = 4 ]
	done
}

# The chain's lines alone, whatever stands beside it.
chain_of() {
	grep -wFf chain | sed 's/├/└/; s/│/ /g'
}

@test "ns-list: 32 nested user namespaces make a tree, as lsns has it" {
	requires cmd lsns
	local nested=() inode relation columns
	for ((i = 0; i < 31; i++)); do
		nested+=(unshare -U -r)
	done
	start "${nested[@]}" sleep 1000
	wait_for grep -q sleep "/proc/$pid/comm"
	inode=$(inode user "$pid")
	list -l -t user -o NS,PNS | awk -v at="$inode" '{ parent[$1] = $2 }
		END { for (i = 0; i < 31; i++) { print at; at = parent[at] } }' >chain
	[ "$(sort -u chain | wc -l)" = 31 ]
	for relation in owner parent; do
		for columns in NS TYPE,NS,PNS,NPROCS,PID TYPE,PID,NS,COMMAND; do
			lsns -n -u -t user -T$relation -o $columns | chain_of >theirs
			ns-list -n -u -t user -T$relation -o $columns 2>/dev/null | chain_of >mine
			[ "$(wc -l <mine)" = 31 ]
			diff theirs mine
		done
	done
	[ "$(ns-list -n -t user -Tprocess -o NS,COMMAND 2>/dev/null | grep -cwFf chain)" = 31 ]
	[ "$(row "$inode" LEVEL)" -ge 31 ]
}

@test "ns-list: every mount namespace is listed, also one that only an open file holds" {
	requires root kernel 6.12
	start_line holder fd mnt
	# shellcheck disable=SC2016
	[ "$(strace -qq -e trace=none -e inject=pidfd_open:error=ENOSYS ns-list -t mnt -r -n -l -o NS \
		2>/dev/null | grep -c "^$line$")" = 1 ]
}

@test "ns-list: a namespace without a process has its owner's user, and none if that is unknown" {
	start_line unshare -U -r holder fd uts
	[ "$(row "$line" UID)" = "$(id -u)" ]
	[ "$(row "$line" USER)" = "$(id -un)" ]
	[ -z "$(row "$line" PID | tr -d ' ')" ]
}

@test "ns-list: a dead PID namespace is marked, and a note says so" {
	requires kernel 6.11
	start_line unshare -U -r holder fd pid
	[ "$(row "$line" WHY)" = fd,dead ]
	run -0 --separate-stderr ns-list -t pid
	[[ $stderr == *"ns-list: note: "*"PID namespace"*"dead"* ]]
}

@test "ns-list: a living PID namespace is not called dead, from inside and outside" {
	start unshare -U -r -p -f --kill-child sleep 1000
	wait_for sh -c 'ns-list -r -n -l -t pid -o COMMAND 2>/dev/null | grep -q sleep'
	[ "$(row "$(inode pid "$(pgrep -P "$pid")")" WHY)" = process,children ]
	run -0 --separate-stderr unshare -U -r -p -f "$NS_BUILD/ns-list" -o WHY -l -n
	[[ $output != *dead* ]]
}

@test "ns-list: a stale name of ip netns is told, and one that is elsewhere" {
	requires root cmd ip
	# shellcheck disable=SC2016
	run -0 --separate-stderr in_private_mounts sh -c 'mount -t tmpfs none /run
		mkdir /run/netns; touch /run/netns/old; ip netns add blue; ns-list -t net'
	[[ $stderr == *"note: '/run/netns/old' is stale: no namespace is mounted there"* ]]
	[[ $stderr != *blue* ]]
	# One line, however many there are; what is no regular file never was one.
	# shellcheck disable=SC2016
	run -0 --separate-stderr in_private_mounts sh -c 'mount -t tmpfs none /run
		mkdir -p /run/netns/dir; mkfifo /run/netns/fifo; touch /run/netns/1 /run/netns/2 /run/netns/3
		ns-list -t net; echo here >&2; ns-list --limits; ns-list --dot'
	[ "$(grep -c stale <<<"$stderr")" = 1 ]
	[[ $stderr =~ note:\ \'/run/netns/[123]\'\ and\ 2\ more\ are\ stale:\ no\ namespace ]]
	[[ ${stderr#*here} != *stale* ]]
}

@test "ns-list: is never among the holders itself" {
	# shellcheck disable=SC2016
	run -0 sh -c 'echo $$; exec ns-list --fds --threads -r -l -o WHY,HOLDER 2>/dev/null'
	[[ $output != *"/proc/${lines[0]}/"* ]]
	# It is ready for children that it will never have, in a PID namespace that is dead.
	# shellcheck disable=SC2016
	run -0 --separate-stderr unshare -U -r -p sh -c '/bin/true; exec ns-list -t pid -r -n -l -o WHY,HOLDER'
	[[ $output != *children* && $output != *dead* ]]
	[[ $stderr != *"dead: "* ]]
	run -0 --separate-stderr unshare -U -r -p -f "$NS_BUILD/ns-list" --fds -r -n -l -o WHY,COMMAND
	run ! grep '^[a-z,]*fd.*ns-list' <<<"$output"
}

@test "ns-list: UIDMAP, GIDMAP, NSPID, START and CGROUP of a namespace" {
	start unshare -U -r -p -f --kill-child --mount-proc sleep 1000
	has_child() { child=$(pgrep -P "$pid" -x sleep); }
	wait_for has_child
	local user
	user=$(inode user "$child")
	[ "$(row "$user" UIDMAP)" = "0:$(id -u):1" ]
	[ "$(row "$user" GIDMAP)" = "0:$(id -g):1" ]
	[ "$(row "$(inode pid "$child")" NSPID)" = 1 ]
	[[ $(row "$user" START) =~ ^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]$ ]]
	[ "$(row "$user" CGROUP)" = "$(sed -n 's/^0:://p' /proc/self/cgroup)" ]
}

@test "ns-list: NSID is the kernel's, and a reference" {
	requires kernel 6.18
	start_in uts -U -r -u
	local id
	id=$(row "$(inode uts "$pid")" NSID)
	[[ $id =~ ^[0-9]+$ ]]
	run -0 ns-list -n -l -o PID ":$id"
	[ "$(grep -v note <<<"$output" | tr -d ' ')" = "$pid" ]
}

# --- References

@test "ns-list: a process as operand lists its namespaces, as -p does" {
	start_in uts -U -r -u
	[ "$(list "$pid" -l -o NS)" = "$(list -p "$pid" -l -o NS)" ]
	[ "$(list "$pid" -l -o NS -t uts)" = "$(inode uts "$pid")" ]
}

@test "ns-list: a namespace can be named by its inode, type and inode, or file" {
	start_in uts -U -r -u
	local uts reference
	uts=$(inode uts "$pid")
	for reference in "$uts" "uts:$uts" "uts:[$uts]" "/proc/$pid/ns/uts"; do
		[ "$(list -l -o PID "$reference")" = "$pid" ]
	done
	refused "cannot find namespace 'net:$uts': looked at .*" "net:$uts"
}

@test "ns-list: a namespace of another type than those asked for is refused" {
	local uts
	uts=$(inode uts)
	refused "option '--type': '/proc/$$/ns/uts' is a namespace of type uts" -t net "/proc/$$/ns/uts"
	refused "option '--type': 'uts:$uts' is a namespace of type uts" -t net "uts:$uts"
	refused "cannot find namespace '$uts': .*" -t net "$uts"
	run -0 ns-list -t net,uts "uts:$uts"
}

@test "ns-list: a namespace that only the kernel knows can be compared, by its inode and ID" {
	requires root kernel 6.18
	start_line unshare -U -r holder fd uts
	local id arguments
	id=$(row "$line" NSID)
	for arguments in "$line" "uts:$line" ":$id"; do
		run -1 ns-list --compare "$arguments" $$
		[[ $output == *"$line"* ]]
	done
}

@test "ns-list: several operands are all shown" {
	start_in uts -U -r -u
	local uts ipc
	uts=$(inode uts "$pid")
	[ "$(list "$pid" $$ -l -o NS -t uts | sort)" = "$({ echo "$uts"; inode uts $$; } | sort)" ]
	[ "$(list "$uts" "$(inode user "$pid")" -l -o NS,PID | sort)" = "$(
		printf '%s %s\n' "$uts" "$pid" "$(inode user "$pid")" "$pid" | sort)" ]
	ipc=$(ns-list -n "$uts" "$(inode user "$pid")" 2>/dev/null | head -n 1)
	[[ $ipc == *uts*sleep* || $ipc == *user*sleep* ]]
}

@test "ns-list: a process may be given with the inode of its pidfd" {
	requires kernel 6.9
	start_in uts -U -r -u
	refused "cannot find process '$pid:1': it has ended; process $pid is another one now" "$pid:1"
	refused "cannot understand '$pid:x': 'x' is not the inode of a pidfd" "$pid:x"
}

@test "ns-list: what is no reference is refused, and says why" {
	local text
	for text in 5000000 99999999999 4026531831 0; do
		refused "cannot understand '$text': neither a process ID .*" "$text"
	done
	refused "cannot understand '12x': neither .*" 12x
	refused "cannot understand 'net:12': '12' is not the inode of a namespace" net:12
	refused "cannot understand ':x': not the ID of a namespace" :x
	refused "cannot understand '': neither a process nor a namespace" ''
	refused "cannot find namespace 'nosuch': there is no pinned set of that name, and no /run/netns/nosuch" nosuch
	refused "cannot open './nosuch': No such file or directory" ./nosuch
	refused "cannot use '/etc/passwd': it is not a namespace file" /etc/passwd
	refused "cannot find namespace '4026539999': looked at [0-9]+ processes, .*" 4026539999
	refused "cannot find process '4194303': no such process" 4194303
}

# --- Options that are refused

@test "ns-list: -p of what is no process, or one that may not be read, is an error" {
	refused "cannot find process '4194303': no such process" -p 4194303
	local text
	for text in 0 -1 4294967297 1x ''; do
		refused "option '--task': not a process ID: '$text'" "--task=$text"
	done
	refused "option '--task': cannot stand beside '12'" -p 1 12
	requires user
	# shellcheck disable=SC2009
	local root
	root=$(stat -c '%u %n' /proc/[0-9]* | sed -n 's|^0 /proc/||p' | head -n 1)
	[ -n "$root" ] || skip "requires: root's process"
	refused "cannot read the namespaces of process '$root': Permission denied" -p "$root"
}

@test "ns-list: unknown types and columns are named" {
	refused "option '--type': 'foo' is none of user, mnt, uts, ipc, net, pid, cgroup, time" -t foo
	refused "option '--type': 'foo' is none of .*" -t net,foo,uts
	refused "option '--type': '' is none of .*" -t net,
	refused "option '--output': unknown column ''" -o ''
	refused "option '--output': unknown column 'NOPE'" -o NS,NOPE
	[[ $stderr == *"hint: there is no such column; see 'ns-list -H'"* ]]
	refused "option '--output': more than [0-9]+ columns" -o "$(yes NS | head -n 60 | paste -sd,)"
	refused "option '--tree': 'foo' is none of owner, parent, process" -Tfoo
}

@test "ns-list: options that exclude each other" {
	refused "option '--json': cannot stand beside '--raw'" -J -r
	refused "option '--tree': cannot stand beside '--list'" -l -T
	refused "option '--persistent': cannot stand beside '--task'" -P -p 1
	refused "option '--compare': cannot stand beside '--pids'" --compare --pids 1 2
	refused "option '--quiet': needs '--compare'" -q
	refused "option '--compare': needs two .*" --compare 1
	refused "option '--limits': takes no operand: '1'" --limits 1
	refused "option '--persistent': takes no operand: '1'" -P 1
	local option
	for option in threads fds; do
		refused "option '--compare': cannot stand beside '--$option'" --compare --$option 1 2
		refused "option '--limits': cannot stand beside '--$option'" --limits --$option
	done
	for option in list noheadings notruncate nowrap; do
		refused "option '--dot': cannot stand beside '--$option'" --dot --$option
	done
	refused "option '--pids': takes one .*" --pids 1 2
}

# --- Notes

@test "ns-list: an ordinary user is told how many processes could not be read" {
	requires user
	run -0 --separate-stderr ns-list
	[[ $stderr =~ ns-list:\ note:\ [0-9]+\ of\ [0-9]+\ processes\ could\ not\ be\ read ]]
	[ -n "$output" ]
}

@test "ns-list: hidepid is told of" {
	requires root
	run -0 --separate-stderr in_private_mounts unshare -p -f sh -c \
		'mount -t proc -o hidepid=2 none /proc; exec setpriv --reuid=65534 --clear-groups "$0"' \
		"$NS_BUILD/ns-list"
	[[ $stderr == *"note: /proc is mounted with hidepid: processes that you may not trace are not even counted"* ]]
	# With hidepid=1 they are counted, and among those that could not be read.
	run -0 --separate-stderr in_private_mounts unshare -p -f sh -c \
		'mount -t proc -o hidepid=1 none /proc; setpriv --reuid=65534 --clear-groups "$0"; :' \
		"$NS_BUILD/ns-list"
	[[ $stderr != *hidepid* && $stderr == *" could not be read; "* ]]
	[ -n "$output" ]
	# User 0 of a user namespace is nobody to the others.
	run -0 --separate-stderr in_private_mounts unshare -p -f sh -c 'mount -t proc -o hidepid=2 none /proc
		exec setpriv --reuid=65534 --regid=65534 --clear-groups unshare -U -r "$0"' "$NS_BUILD/ns-list"
	[[ $stderr == *"note: /proc is mounted with hidepid: "* ]]
}

@test "ns-list: a /proc of another PID namespace is read by its own PIDs, and told of" {
	run -0 --separate-stderr unshare -U -r -p -f "$NS_BUILD/ns-list" -n -l -o PID
	[[ $stderr == *"note: /proc is that of another PID namespace"* ]]
	[ "$(wc -l <<<"$output")" -ge 8 ]
}

@test "ns-list: a PID is refused where /proc is that of another PID namespace, and 'self' is found" {
	local refusal="ns-list: cannot find process '$$': /proc is that of another PID namespace, "
	local arguments
	for arguments in "$$" "-p $$" "--compare $$ 1" "-q --compare $$ 1" "--pids $$"; do
		# shellcheck disable=SC2086
		run -125 --separate-stderr unshare -U -r -p -f "$NS_BUILD/ns-list" $arguments
		[ -z "$output" ]
		[[ $stderr == "$refusal"* ]]
	done
	# shellcheck disable=SC2016
	run -0 --separate-stderr unshare -U -r -p -f sh -c 'ns-list --pids -n; ns-list --dot'
	[[ ${lines[0]} =~ ^\ *[0-9]+,1\ .*\ sh\ -c ]]
	[[ ${lines[1]} =~ ^\ *[0-9]+,2\ .*\ ns-list\ --pids ]]
	[[ $output == *" in your own namespaces"* ]]
}

@test "ns-list: a caller with many groups knows its own /proc" {
	requires root
	run -0 --separate-stderr setpriv --groups "$(seq -s, 100000 104000)" ns-list -t uts
	[[ $stderr != *"another PID namespace"* ]]
	setpriv --groups "$(seq -s, 100000 104000)" unshare -p -f --kill-child sleep 1000 </dev/null 3>&- &
	pid=$!
	disown
	started+=("$pid")
	wait_for pgrep -P "$pid" -x sleep
	[ "$(row "$(inode pid "$(pgrep -P "$pid" -x sleep)")" NSPID)" = 1 ]
}

@test "ns-list: what could not be read for want of something is counted" {
	requires cmd strace
	# Each process's files, and the ends of directories.
	run -0 --separate-stderr strace -qq -o /dev/null -e trace=getdents64 \
		-e inject=getdents64:error=EIO:when=4+ ns-list
	[[ $stderr == *" could not be read; "* ]]
	run -125 --separate-stderr strace -qq -o /dev/null -e trace=getdents64 \
		-e inject=getdents64:error=EIO:when=2 ns-list
	[ -z "$output" ]
	[[ $stderr == *"ns-list: cannot read '/proc/': Input/output error"* ]]
	# shellcheck disable=SC2016
	run -0 --separate-stderr bash -c 'exec 3>&- 4>&-; ulimit -n 6; exec ns-list'
	[[ $stderr == *"note: the limit of open files (ulimit -n) is too low to read all; "* ]]
	# shellcheck disable=SC2016
	run -125 --separate-stderr bash -c 'exec 3>&- 4>&-; ulimit -n 5; exec ns-list'
	[[ $stderr == *"ns-list: cannot read '/proc/': Too many open files"* ]]
	[ -z "$output" ]
}

@test "ns-list: an operand that is no namespace is not opened" {
	requires cmd strace
	mkfifo fifo
	refused "cannot use './fifo': it is not a namespace file" ./fifo
	refused "cannot use '/dev/null': it is not a namespace file" /dev/null
	run -125 strace -qq -o calls -e trace=openat ns-list /dev/null
	[ "$(grep -c '"/dev/null"' calls)" = "$(grep -c '"/dev/null", O_[A-Z]*|*.*O_PATH' calls)" ]
	grep -q '"/dev/null"' calls
}

@test "ns-list: without /proc there is an error, and no empty list" {
	run -125 --separate-stderr unshare -U -r -m sh -c 'mount -t tmpfs none /proc; exec "$0"' "$NS_BUILD/ns-list"
	[ -z "$output" ]
	[[ $stderr == *"ns-list: cannot read '/proc/': "*"ns-list: hint: /proc is not mounted; "* ]]
}

@test "ns-list: what is not looked at among many processes is told, and looked at on demand" {
	[ "$(ulimit -u)" = unlimited ] || [ "$(ulimit -u)" -gt 2000 ] || skip "requires: 600 processes"
	start_line crowd 600 0
	run -0 --separate-stderr ns-list -n -t uts
	[[ $stderr == *"note: of "*" processes threads and open files were not looked at; add --threads --fds"* ]]
	run -0 --separate-stderr ns-list -n -t uts --fds
	[[ $stderr == *"note: of "*" processes threads were not looked at; add --threads"* ]]
	run -0 --separate-stderr ns-list -n -t uts --fds --threads
	[[ $stderr != *"were not looked at"* ]]
}

# --- Hostile bytes

@test "ns-list: names of programs with any bytes forge no line, in every format" {
	local name=$'a\n)\e[1m\x01 \\ b'
	ln -s "$(type -P sleep)" "$name"
	bash -c 'exec -a "$0" ./"$1" 1000' $'x\xc2\x9b\xe2\x80\xae\xff\r' "$name" </dev/null >/dev/null 2>&1 3>&- &
	pid=$!
	disown
	started+=("$pid")
	wait_for sh -c "tr -d '\\0' </proc/$pid/cmdline | grep -aq '^x'"
	run -0 --separate-stderr ns-list -n -l -o PID,COMMAND "$(inode uts)"
	[ "$(sed -n "s/^ *$pid //p" <<<"$output")" = 'x\xc2\x9b\xe2\x80\xae\xff\x0d 1000' ]
	run -0 --separate-stderr ns-list -J -l -o PID,COMMAND "$(inode uts)"
	[[ $output == *'"x\\xc2\\x9b\\xe2\\x80\\xae\\xff\\x0d 1000"'* ]]
	[ "$(list -l -o PID,COMMAND "$(inode uts)" | sed -n "s/^$pid //p")" = 'x\xc2\x9b\xe2\x80\xae\xff\x0d\x201000' ]
	run -0 ns-list --pids
	run ! grep -aq $'[\x01-\x08\x0b-\x1f]' <<<"$output"
	run -0 ns-list --dot
	run ! grep -aq $'[\x01-\x08\x0b-\x1f]' <<<"$output"
}

@test "ns-list: command lines of any length, without an end, or empty" {
	local long name=unended
	long=$(head -c 100000 /dev/zero | tr '\0' x)
	# Its arguments have no NUL at the end, as after setproctitle(3).
	cat >$name.c <<-'END'
		#include <string.h>
		#include <unistd.h>
		int main(int argc, char *argv[])
		{
			char *end = argv[argc - 1] + strlen(argv[argc - 1]);
			(void)argc;
			memset(argv[0], 'y', (size_t)(end - argv[0]) + 1);
			pause();
		}
	END
	requires cmd cc
	cc -o $name $name.c
	# shellcheck disable=SC2046
	start "./$name" $(yes "$long" | head -n 20)
	wait_for sh -c "head -c 2 /proc/$pid/cmdline | grep -q yy"
	run -0 --separate-stderr ns-list -J -l -o PID,COMMAND "$(inode uts)"
	[[ $output =~ \"pid\":\ $pid,$'\n'\ *\"command\":\ \"y{4095}\" ]]
	# Kernel threads and zombies have none: their names stand there.
	bash -c 'sleep 0.5 & exec sleep 1000' </dev/null >/dev/null 2>&1 3>&- &
	pid=$!
	disown
	started+=("$pid")
	wait_for sh -c "grep -qs '^State:.Z' /proc/\$(pgrep -P $pid)/status"
	[ "$(list -l -o PID,COMMAND "$(inode pid)" | sed -n "s/^$(pgrep -P "$pid") //p")" = sleep ]
}

@test "ns-list: names of users with any bytes, and the largest user ID" {
	requires root
	start_in uts -u setpriv --reuid=4294967294 --clear-groups
	# shellcheck disable=SC2016
	run -0 --separate-stderr in_private_mounts sh -c '
		mount -t tmpfs none /mnt; printf "a\033[1m\342\200\256\377b:x:4294967294:0::/:/bin/sh\n" >/mnt/passwd
		printf "passwd: files\n" >/mnt/nss; mount --bind /mnt/passwd /etc/passwd
		[ ! -e /etc/nsswitch.conf ] || mount --bind /mnt/nss /etc/nsswitch.conf
		ns-list -l -n -o NS,UID,USER'
	[ "$(sed -n "s/^$(inode uts "$pid") *//p" <<<"$output")" = '4294967294 a\x1b[1m\xe2\x80\xae\xffb' ]
	[ "$(row "$(inode uts "$pid")" UID)" = 4294967294 ]
}

@test "ns-list: a backslash is two, and mount points with any bytes are one cell" {
	requires root
	# shellcheck disable=SC2016
	run -0 --separate-stderr in_private_mounts sh -c '
		mount -t tmpfs none /mnt; f=$(printf "/mnt/a\nb\033\\\\c"); : >"$f"
		mount --bind /proc/self/ns/net "$f"; ns-list -n -l -u -o NSFS -t net -W'
	[[ $output == *'/mnt/a\x0ab\x1b\\c'* ]]
}

@test "ns-list: a newline in a mount point is not the end of it" {
	requires root
	# shellcheck disable=SC2016
	run -0 --separate-stderr in_private_mounts bash -c '
		mount -t tmpfs none /mnt; unshare --uts true; cd /mnt
		for f in $'"'a\nb\e[31m'"' c; do : >"$f"; mount --bind "/proc/$0/ns/uts" "$f"; done
		for format in "" -r -J; do
			timeout -k 1 20 ns-list $format -l -o TYPE,NSFS -t uts | grep /mnt
		done' $$
	echo "$output"
	[ "${lines[0]}" = 'uts  /mnt/a\x0ab\x1b[31m' ]
	[ "${lines[1]}" = '     /mnt/c' ]
	[ "${lines[2]}" = 'uts /mnt/a\x0ab\x1b[31m,/mnt/c' ]
	[[ $output == *'"nsfs": "/mnt/a\\x0ab\\x1b[31m\n/mnt/c"'* ]]
}

@test "ns-list: JSON can be parsed, numbers are numbers" {
	requires cmd python3
	start_in uts -U -r -u
	for arguments in "-J" "-J --output-all" "-J -l" "-J -T" "-J --compare $pid $$" "-J --pids" "-J --limits" "-J -H"; do
		# shellcheck disable=SC2086
		ns-list $arguments >json 2>/dev/null || [ $? = 1 ]
		python3 -c 'import json,sys; json.load(open("json"))'
	done
	ns-list -J -l 2>/dev/null | python3 -c 'import json,sys
for row in json.load(sys.stdin)["namespaces"]:
	assert isinstance(row["ns"], int) and isinstance(row["nprocs"], int), row'
}

@test "ns-list: without UTF-8 the tree and all text are ASCII" {
	start_in user -U -r -u
	local locale
	for locale in C nosuch; do
		run -0 env LC_ALL=$locale ns-list -T
		run ! grep -q '[^ -~]' <<<"$output"
	done
}

# --- Faults

@test "ns-list: a closed pipe is no message, a full device an error" {
	ns-list 2>err | head -n 1
	run ! grep -v note: err
	run -125 --separate-stderr sh -c 'ns-list >/dev/full'
	[[ ${stderr_lines[0]} == "ns-list: cannot write 'standard output': No space left on device" ]]
}

@test "ns-list: any width of the terminal" {
	local columns
	for columns in 0 1 100000 abc ''; do
		run -0 env COLUMNS=$columns ns-list
		[[ $output == *NPROCS* ]]
	done
}

@test "ns-list: few descriptors and little memory end in a whole list or an error" {
	local whole
	whole=$(list -l -o NS -t uts -t ipc -p $$)
	for limit in "-n 64" "-n 16" "-n 9"; do
		run -0 --separate-stderr bash -c "ulimit $limit; exec ns-list -r -n -l -o NS -t uts -t ipc -p $$"
		[ "$output" = "$whole" ]
	done
	requires cmd strace
	run -0 --separate-stderr strace -qq -o /dev/null -e trace=ioctl -e inject=ioctl:error=EMFILE ns-list
	[[ $stderr == *"note: the limit of open files (ulimit -n) is too low to read all; "* ]]
	[[ $NS_BUILD != */san ]] || return 0
	run bash -c 'ulimit -v 32768; exec ns-list'
	[ "$status" = 0 ] || [ "$status" = 125 ]
}

@test "ns-list: a process whose arguments cannot be read has its name, and nobody waits for it" {
	requires root
	hang </dev/null >out 2>&1 3>&- &
	pid=$!
	disown
	started+=("$pid")
	wait_for sh -c "[ -s out ] || [ ! -d /proc/$pid ]"
	[ -s out ] || skip "requires: userfaultfd"
	run -0 --separate-stderr timeout -k 1 5 ns-list -r -n -l -o PID,COMMAND "$(inode uts)"
	[ "$(sed -n "s/^$pid //p" <<<"$output")" = hang ]
}

@test "ns-list: a kernel without the ioctls lists all the same" {
	requires cmd strace
	start_in uts -U -r -u
	local uts
	uts=$(inode uts "$pid")
	run -0 strace -qq -o /dev/null -e trace=ioctl -e inject=ioctl:error=ENOTTY ns-list -l -n -o NS,PID -p "$pid"
	[[ $output == *"$uts"*"$pid"* ]]
	run -0 --separate-stderr strace -qq -o /dev/null -e trace=ioctl -e inject=ioctl:error=ENOTTY \
		ns-list -J -l -o NS,PNS,ONS,NSID,LEVEL -t uts -p "$pid"
	[[ $output == *"$uts"*'"nsid": null'* ]]
	[ "$(grep -cx "ns-list: note: this kernel does not tell the owners and parents of namespaces" <<<"$stderr")" = 1 ]
	run -0 strace -qq -o /dev/null -e trace=pidfd_open -e inject=pidfd_open:error=ENOSYS ns-list -l -n -o NS,PID -p "$pid"
	[[ $output == *"$uts"*"$pid"* ]]
}

@test "ns-list: a fork storm neither ends a scan nor hides who lives through it" {
	local sentinels=() wanted scan
	for ((i = 0; i < 20; i++)); do
		start_in uts -U -r -u
		sentinels+=("$(inode uts "$pid")")
	done
	bash -c 'while :; do for i in 1 2 3 4 5 6 7 8; do /bin/true & done; wait; done' </dev/null >/dev/null 2>&1 3>&- &
	started+=($!)
	disown
	wanted=$(printf '%s\n' "${sentinels[@]}" | sort)
	for scan in $(seq 30); do
		run -0 --separate-stderr ns-list -r -n -l -t uts -o NS
		[ "$(sort <<<"$output" | grep -xF "$wanted")" = "$wanted" ]
		run -0 --separate-stderr ns-list
		[ "${#lines[@]}" -gt 20 ]
	done
}

@test "ns-list: a zombie is in its PID and user namespace, as lsns has it" {
	requires cmd lsns
	bash -c 'sleep 0.5 & exec sleep 1000' </dev/null >/dev/null 2>&1 3>&- &
	pid=$!
	disown
	started+=("$pid")
	wait_for sh -c "grep -qs '^State:.Z' /proc/\$(pgrep -P $pid)/status"
	local zombie type
	zombie=$(pgrep -P "$pid")
	for type in pid user; do
		[ "$(list -l -o PID "$(inode $type)" | grep -cx "$zombie")" = 1 ]
	done
	[ "$(list -l -o PID "$(inode uts)" | grep -cx "$zombie")" = 0 ]
}

# Between the scan and the list there is a socket(2), for NETNSID, which strace delays; the
# lister is stopped then, and has the namespace open.
@test "ns-list: a row shows no command rather than that of a stranger with the same PID" {
	requires proc cmd strace
	[ -e /proc/sys/kernel/ns_last_pid ] || skip "requires: ns_last_pid"
	# shellcheck disable=SC2016
	run -0 --separate-stderr unshare -U -r -p -f --mount-proc bash -c "$(declare -f wait_for)"'
		has_scanned() {
			lister=$(pgrep -x ns-list) && grep -q "^State:.t" /proc/$lister/status &&
				find /proc/$lister/fd -lname "uts:\[$uts\]" | grep -q .
		}
		unshare -u sleep 1000 &
		victim=$!
		wait_for grep -q sleep /proc/$victim/comm
		uts=$(stat -Lc %i /proc/$victim/ns/uts)
		strace -qq -o /dev/null -f --seccomp-bpf -e trace=socket \
			-e inject=socket:delay_enter=2000000 \
			ns-list -r -n -l -o NS,PID,NETNSID,COMMAND >list &
		wait_for has_scanned
		kill -KILL $victim
		wait $victim
		echo $((victim - 1)) >/proc/sys/kernel/ns_last_pid
		sleep 2000 &
		[ $! = $victim ] || echo "no stranger: $! $victim"
		wait_for grep -q sleep /proc/$victim/comm
		wait %2
		sed -n "s/^$uts $victim *\(.*\)/command: \1/p" list
		kill -KILL %3' 3>&-
	echo "$output"
	[ "$output" = "command: " ]
}

@test "ns-list: a command that is too long is cut between two characters" {
	local text offset
	text=$(printf '\xf0\x9f\x90\xa7%.0s' {1..1100})
	for offset in a ab abc abcd; do
		start bash -c 'exec -a "$0" sleep 1000' "$offset$text"
		wait_for grep -q sleep "/proc/$pid/comm"
		run -0 --separate-stderr ns-list -J -l -o PID,COMMAND "$(inode uts)"
		[[ $output == *"$offset"$'\xf0\x9f\x90\xa7'* && $output != *'\\xf0'* ]]
		run -0 --separate-stderr ns-list --dot
		[[ $output != *'\\xf0'* ]]
		kill "$pid"
	done
}

# --- Compare

@test "ns-list: --compare prints a row a type, = where equal, and ends with 1 when some differ" {
	start_in uts -U -r -u
	run -1 --separate-stderr ns-list --compare $$ "$pid"
	[ -z "$stderr" ]
	[ "$(wc -l <<<"$output")" = 9 ]
	[ "$(sed -n 's/^uts  *//p' <<<"$output")" = "$(inode uts) $(inode uts "$pid")" ]
	[[ $(sed -n 's/^ipc  *//p' <<<"$output") =~ ^$(inode ipc)\ += ]]
	run -0 ns-list --compare $$ $$
	run -0 ns-list --compare -t ipc $$ "$pid" $$
	[ "$(wc -l <<<"$output")" = 2 ]
}

@test "ns-list: --compare -q prints nothing and tells by its status" {
	start_in uts -U -r -u
	run -0 ns-list -q -t ipc --compare $$ "$pid"
	[ -z "$output" ]
	run -1 ns-list -q -t uts --compare $$ "$pid"
	[ -z "$output" ]
	run -1 ns-list -q -t uts -t ipc --compare $$ "/proc/$pid/ns/uts"
}

@test "ns-list: --compare has ? and 125 where a process may not be read" {
	local denied
	denied=$(for pid in /proc/[0-9]*; do readlink "$pid/ns/uts" >/dev/null 2>&1 ||
		{ [ -e "$pid" ] && grep -qs '^State:.[SI]' "$pid/status" && echo "${pid##*/}"; }; done | head -n 1)
	[ -n "$denied" ] || skip "requires: unreadable"
	run -125 ns-list --compare $$ "$denied"
	[[ $output == *" ?"* ]]
	run -125 ns-list -J --compare $$ "$denied"
	[[ $output == *'"same": null, "ns": ['*', null]'* ]]
}

@test "ns-list: --compare --json has a schema, numbers, and null for what is unknown" {
	start_in uts -U -r -u
	run -1 ns-list -J --compare $$ "$pid"
	[[ $output == *'"schema": 1,'*"\"targets\": [\"$$\", \"$pid\"]"* ]]
	[[ $output == *"{\"type\": \"uts\", \"same\": false, \"ns\": [$(inode uts), $(inode uts "$pid")]}"* ]]
	[[ $output == *"{\"type\": \"ipc\", \"same\": true, \"ns\": [$(inode ipc), $(inode ipc)]}"* ]]
}

@test "ns-list: a namespace can be compared with the initial one" {
	requires kernel 6.18
	start_in uts -U -r -u
	run -1 ns-list -t uts --compare "$pid" initial
	[[ $output == *4026531838* ]]
}

@test "ns-list: --compare with operands of any bytes ends, and they are escaped in the headings" {
	local name locale
	for name in $'c\xff' $'a\e[31mb' $'n\nl' $'b\xe2\x80\xae' $'\xc3\xa4'; do
		ln -s "/proc/$$/ns/uts" "$name"
		for locale in C C.UTF-8; do
			run -0 --separate-stderr env LC_ALL=$locale timeout -k 1 20 \
				ns-list --compare "./$name" "./$name"
			[ "${#lines[@]}" = 2 ]
			[[ $output != *[$'\x01'-$'\x09'$'\x0b'-$'\x1f']* && $output != *$'\xe2'* ]]
			run -0 --separate-stderr env LC_ALL=$locale timeout -k 1 20 \
				ns-list -r --compare "./$name" "./$name"
			[[ ${lines[0]} =~ ^TYPE\ ./[!-~]+\ ./[!-~]+$ && ${lines[1]} =~ ^uts\ [0-9]+\ =$ ]]
		done
	done
}

# --- PIDs

@test "ns-list: --pids has the PIDs at each level, 0 for a leader outside" {
	start unshare -U -r -p -f --kill-child --mount-proc sleep 1000
	has_child() { child=$(pgrep -P "$pid" -x sleep); }
	wait_for has_child
	local group session
	group=$(ps -o pgid= -p "$child" | tr -d ' ')
	session=$(ps -o sid= -p "$child" | tr -d ' ')
	run -0 --separate-stderr ns-list --pids -n "$child"
	[ "$(xargs <<<"$output")" = "$child,1 $child,1 $group,0 $session,0 sleep 1000" ]
	run -0 --separate-stderr ns-list --pids -J "$(inode pid "$child")"
	[[ $output == *'"schema": 1,'*"\"ns\": $(inode pid "$child")"* ]]
	[[ $output == *"{\"nspid\": [$child, 1], \"nstgid\": [$child, 1], \"nspgid\": [$group, 0], \"nssid\": [$session, 0], \"command\": \"sleep 1000\"}"* ]]
	run -0 --separate-stderr ns-list --pids -n
	[[ $output == *"$$ "* ]]
	refused "option '--pids': '.*' is no PID namespace that can be read" --pids "/proc/$$/ns/uts"
}

@test "ns-list: --pids counts the processes that it could not read" {
	requires cmd strace
	# The first is the caller's own, which tells whose /proc it is.
	run -0 --separate-stderr strace -qq -o /dev/null -P status -e trace=openat \
		-e inject=openat:error=EIO:when=2+ ns-list --pids -n
	[ -z "$output" ]
	[[ $stderr =~ note:\ [0-9]+\ of\ [0-9]+\ processes\ could\ not\ be\ read ]]
	all=${stderr#*note: }
	[ "${all%% *}" -gt 3 ]
}

# --- Limits

@test "ns-list: --limits has a row a type, with what is possible here" {
	run -0 --separate-stderr ns-list --limits
	[ "$(wc -l <<<"$output")" = 9 ]
	[ "$(awk '$1 == "uts" { print $4 }' <<<"$output")" = "$(cat /proc/sys/user/max_uts_namespaces)" ]
	run -0 --separate-stderr ns-list --limits -J -t uts
	[[ $output == *'"schema": 1,'*'{"type": "uts", "kernel": true, "found": '*', "max": '*', "new": true,'* ]]
}

@test "ns-list: --limits says that a limit is reached" {
	# shellcheck disable=SC2016
	run -0 --separate-stderr unshare -U -r sh -c \
		'echo 0 >/proc/sys/user/max_uts_namespaces; exec "$0" --limits -t uts -n' "$NS_BUILD/ns-list"
	[[ $(xargs <<<"$output") == "uts yes "*" 0 limit reached here or in an ancestor" ]]
}

@test "ns-list: --limits does not take a failure to try for an answer" {
	requires cmd strace
	run -125 --separate-stderr strace -qq -o /dev/null -e trace=clone,clone3 \
		-e inject=clone,clone3:error=EAGAIN ns-list --limits -J
	[ -z "$output" ]
	[[ $stderr == "ns-list: cannot fork a child to try with: Resource temporarily unavailable"* ]]
	run -0 --separate-stderr strace -f -qq -o /dev/null -e trace=unshare \
		-e inject=unshare:error=EPERM:signal=KILL ns-list --limits -t uts
	[[ $output == *" a filter of system calls ends who tries" ]]
	# Without a capability a user namespace is needed, of which there may be none.
	# shellcheck disable=SC2016
	run -0 --separate-stderr unshare -U -r sh -c 'echo 0 >/proc/sys/user/max_user_namespaces
		exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$0" --limits -t uts -n' \
		"$NS_BUILD/ns-list"
	[[ $(xargs <<<"$output") == "uts yes "*" limit reached here or in an ancestor" ]]
}

# --- Pictures

@test "ns-list: --dot is a graph that dot draws" {
	start_in user -U -r -u -n
	start_line crowd 30 20
	run -0 --separate-stderr ns-list --dot
	[[ $output == "digraph namespaces {"* ]]
	[[ $output == *" in your own namespaces"* ]]
	[[ $output == *"ns$(inode uts "$pid")"* ]]
	requires cmd dot
	echo "$output" >graph
	dot -Tsvg graph >svg
	grep -q '</svg>' svg
	dot -Tpng graph >png
	[ "$(head -c 4 png | tail -c 3)" = PNG ]
}

@test "ns-list: colour on a terminal, unless NO_COLOR is set" {
	requires cmd script
	start_in uts -U -r -u
	script -qec 'ns-list' /dev/null </dev/null >colour
	grep -q $'\e\\[' colour
	TERM=dumb script -qec 'ns-list' /dev/null </dev/null >plain
	run ! grep -q $'\e\\[' plain
	NO_COLOR=1 script -qec 'ns-list' /dev/null </dev/null >plain
	run ! grep -q $'\e\\[' plain
	run -0 ns-list
	[[ $output != *$'\e'* ]]
}
