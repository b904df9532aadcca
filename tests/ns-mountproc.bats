#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# ns-mountproc: every option in its working and its refused form, each fault, as root and
# as an ordinary user, who is root of a user namespace.  All of it inside an outer mount
# namespace, but for what is refused in the initial one, which runs where nothing can be
# mounted.
load helpers/common
load helpers/place

setup() {
	requires userns proc
	cd "$BATS_TEST_TMPDIR"
	bound=(timeout -k 1 60)
	outer=(unshare -m --propagation private)
	probe_root || outer=(unshare -Urm --propagation private)
	cp /proc/self/mountinfo before
}

teardown() {
	cmp "$BATS_TEST_TMPDIR/before" /proc/self/mountinfo
}

# What the code of a test may use.  It runs as root of a mount namespace of its own, where
# /mnt is a tmpfs.
functions='
mount -t tmpfs none /mnt
inside() { unshare -pmf "$@"; }
last() { tail -n 1 /proc/self/mountinfo | cut -d " " -f 5-; }
start() { "$@" >/dev/null 2>&1 & started=$!; disown; }
child_of() { child=$(cat "/proc/$1/task/$1/children"); child=${child% }; [ -n "$child" ]; }
sleeps() { [ "$(cat "/proc/$1/comm" 2>/dev/null)" = sleep ]; }
'"$(declare -f wait_for)"'
trap "kill -KILL \$started \$child 2>/dev/null" EXIT
child=
'

# in_outer CODE
in_outer() {
	"${bound[@]}" "${outer[@]}" bash -c "$functions"$'\n'"$1" </dev/null 3>&-
}

# gives WANTED CODE: the output; stderr empty
gives() {
	run -0 --separate-stderr in_outer "$2"
	echo "wanted: $1"
	echo "came:   $output"
	echo "stderr: $stderr"
	# shellcheck disable=SC2053  # it is a pattern
	[[ $output == $1 ]]
	[ -z "$stderr" ]
}

# refused PATTERN CODE: with 125 and this message
refused() {
	run -125 --separate-stderr in_outer "$2"
	echo "$stderr"
	[ -z "$output" ]
	[[ ${stderr_lines[0]} =~ ^ns-mountproc:\ ($1)$ ]]
}

# hints PATTERN
hints() {
	[[ ${stderr_lines[1]} =~ ^ns-mountproc:\ hint:\ ($1)$ ]]
}

# --- The mount

@test "ns-mountproc: mounts the proc of the PID namespace, and runs the command" {
	gives '1' 'inside ns-mountproc sh -c "cd /proc; echo [0-9]*"'
	gives 'a b' 'inside ns-mountproc echo a b'
	gives '1' 'inside sh -c "ns-mountproc && cd /proc && echo [0-9]* | cut -d \" \" -f 1"'
}

@test "ns-mountproc: allowed under unshare -pmf and ns-unshare -pm, with a second process there" {
	gives 'ran' 'unshare -pmf ns-mountproc echo ran'
	gives 'ran' 'ns-unshare -pm ns-mountproc echo ran'
	gives 'ran' 'ns-unshare -pm --init ns-mountproc echo ran'
	gives 'ran' 'unshare -Urpmf ns-mountproc echo ran'
	gives 'ran' 'ns-unshare -U -r -pm ns-mountproc echo ran'
	gives 'ran' 'inside bash -c "sleep 100 & ns-mountproc echo ran; kill %1"'
}

@test "ns-mountproc: an ordinary user in namespaces of its own, outside of any other" {
	local as=()
	! probe_root || as=(in_private_mounts setpriv --reuid=65534 --regid=65534 --clear-groups)
	cd /
	run -0 "${as[@]}" unshare -rpmf ns-mountproc sh -c 'cd /proc; echo [0-9]*'
	[ "$output" = 1 ]
	run -0 "${as[@]}" ns-unshare -rpm ns-mountproc sh -c 'cd /proc; echo [0-9]*'
	[ "$output" = 1 ]
}

@test "ns-mountproc: nosuid, nodev and noexec are always set, and nothing else" {
	gives '/proc rw,nosuid,nodev,noexec,relatime - proc proc rw' \
		"inside ns-mountproc bash -c '$(printf '%s' 'tail -n 1 /proc/self/mountinfo | cut -d " " -f 5-')'"
}

@test "ns-mountproc: the command gets no descriptor that the caller did not have" {
	gives 'same' 'show="ls /proc/self/fd"; inside $show >/mnt/a; inside ns-mountproc $show >/mnt/b
		cmp /mnt/a /mnt/b && echo same'
}

@test "ns-mountproc: the command's exit status, and 126 and 127 as usual" {
	run -7 in_outer 'inside ns-mountproc sh -c "exit 7"'
	run -127 in_outer 'inside ns-mountproc nosuch'
	run -126 in_outer 'touch /mnt/file; inside ns-mountproc /mnt/file'
	run -143 in_outer 'inside sh -c "ns-mountproc sh -c \"kill -TERM \\\$\\\$\"; exit \$?"'
}

@test "ns-mountproc: what was in the way of the same PID namespace is covered" {
	gives '1' 'mkdir /mnt/p; mount -t tmpfs none /mnt/p
		inside ns-mountproc --dir=/mnt/p sh -c "cd /mnt/p; echo [0-9]*"'
}

# --- Question 1: is it there already?

@test "ns-mountproc: where the proc shows this PID namespace already, nothing is mounted" {
	run -0 --separate-stderr "${bound[@]}" strace -qq -f -o calls \
		-e inject=fsopen,mount,move_mount,mount_setattr:error=EPERM ns-mountproc -v echo ran
	[ "$output" = ran ]
	[ "${stderr_lines[0]}" = "ns-mountproc: note: '/proc' shows this PID namespace already; nothing is mounted" ]
	run ! grep -E 'fsopen|mount\(|move_mount|mount_setattr' calls
	gives 'ran' 'unshare -Urm ns-mountproc echo ran'
	gives '1' 'inside ns-mountproc ns-mountproc sh -c "grep -c \" - proc \" /proc/self/mountinfo | cut -c1 >/dev/null; cd /proc; echo [0-9]*"'
	gives 'same' 'inside ns-mountproc sh -c "cat /proc/self/mountinfo >/mnt/a; ns-mountproc cat /proc/self/mountinfo >/mnt/b; cmp /mnt/a /mnt/b && echo same"'
}

@test "ns-mountproc: to that one, no options can be given" {
	run -125 --separate-stderr "${bound[@]}" strace -qq -f -o calls \
		-e inject=fsopen,mount,move_mount,mount_setattr:error=EPERM \
		ns-mountproc -o hidepid=2 echo ran
	[ -z "$output" ]
	[ "${stderr_lines[0]}" = "ns-mountproc: option '--options': the proc of this PID namespace is mounted there already" ]
	[[ ${stderr_lines[1]} == 'ns-mountproc: hint: its options are shared with every mount namespace'* ]]
}

@test "ns-mountproc: a directory of a proc, or of another file system, is not the proc" {
	gives '*/mnt/tty *' 'mkdir /mnt/tty; mount --rbind /proc/tty /mnt/tty
		inside ns-mountproc --dir=/mnt/tty grep " /mnt/tty .* proc proc" /proc/self/mountinfo'
}

# --- Question 2: who would be harmed?

@test "ns-mountproc: the trap of the documents is refused: a new PID namespace in the old mount namespace" {
	local tool fix="'ns-unshare -pm' or 'unshare -pmf'"
	probe_root || fix="'ns-unshare -rpm' or 'unshare -rpmf', or use 'ns-unshare -a'"
	for tool in 'unshare -pf' 'ns-unshare -p'; do
		refused "cannot mount proc on '/proc': refusing to cover it for processes of another PID namespace in this mount namespace: [0-9]+ \\(bash\\)( and [0-9]+ more)?" \
			"$tool ns-mountproc echo ran; exit \$?"
		hints "a new PID namespace needs a new mount namespace, too: add -m, as in $fix; or add --force"
	done
}

@test "ns-mountproc: who is in a PID namespace below this one is not outside" {
	gives 'ran' 'inside bash -c "unshare -pf sleep 100 & until grep -qs sleep /proc/*/comm; do :; done
		ns-mountproc echo ran; kill %1"'
}

@test "ns-mountproc: the same in the initial mount namespace" {
	requires root cmd strace
	local tool
	for tool in 'unshare -pf' 'ns-unshare -p'; do
		# shellcheck disable=SC2086
		run -125 --separate-stderr "${bound[@]}" strace -qq -f -o calls \
			-e inject=mount,move_mount,mount_setattr:error=EPERM $tool ns-mountproc echo ran
		[ -z "$output" ]
		[[ ${stderr_lines[0]} == "ns-mountproc: cannot mount proc on '/proc': refusing to cover it"* ]]
		run ! grep -E 'fsopen|[^u]mount\("|move_mount|mount_setattr' calls
	done
}

@test "ns-mountproc: an ordinary user without a mount namespace of its own is refused" {
	local as=()
	! probe_root || as=(in_private_mounts setpriv --reuid=65534 --regid=65534 --clear-groups)
	cd /
	run -125 --separate-stderr "${as[@]}" "${bound[@]}" unshare -rpf ns-mountproc echo ran
	[[ ${stderr_lines[0]} == "ns-mountproc: cannot mount proc on '/proc': "* ]]
	run -125 --separate-stderr "${as[@]}" "${bound[@]}" unshare -rpf ns-mountproc --force echo ran
	[ "${stderr_lines[0]}" = "ns-mountproc: cannot mount proc on '/proc': Operation not permitted" ]
	hints 'this mount namespace belongs to a user namespace around yours; .*'
}

@test "ns-mountproc: what works instead depends on who is asked to do it" {
	refused "cannot mount proc on '/proc': refusing to cover it .*" \
		'unshare -Urm sh -c "unshare -pf ns-mountproc echo ran; exit \$?"'
	hints "a new PID namespace needs a new mount namespace, too: add -m, as in 'ns-unshare -rpm' or 'unshare -rpmf', or use 'ns-unshare -a'; or add --force"
}

@test "ns-mountproc: who has only a thread here counts, too" {
	local how
	for how in thread last left; do
		run -1 in_outer 'start true; holder '"$how"' mnt >/mnt/out & started=$!
			wait_for test -s /mnt/out; unshare -pf ns-mountproc --check --json | tee /mnt/json
			exit "${PIPESTATUS[0]}"'
		echo "$output"
		[[ $output == *'"outside": true, "command": "holder"'* ]]
	done
}

@test "ns-mountproc: with too few descriptors to look at all of them it fails, and guesses nothing" {
	local n
	for n in 5 6 7 8 9 10 11; do
		run --separate-stderr in_outer 'start true; holder thread mnt >/mnt/out & started=$!
			wait_for test -s /mnt/out
			unshare -pf sh -c "ulimit -n '$n'; exec ns-mountproc --check --json"; exit $?'
		echo "$n: $status $output $stderr"
		[[ $status = 125 && $stderr == "ns-mountproc: cannot "*": Too many open files" ||
			$status = 1 && $output == *'"outside": true, "command": "holder"'* ]]
	done
}

@test "ns-mountproc: nor is a proc that cannot be looked at that of another PID namespace" {
	local n
	for n in 5 6 7 8 9 10; do
		run --separate-stderr in_outer "unshare -pf sh -c 'ulimit -n $n; exec ns-mountproc --force echo ran'; exit \$?"
		echo "$n: $status $output $stderr"
		[[ $status = 125 && $stderr == "ns-mountproc: cannot "*": Too many open files" ||
			$status = 0 && $output = ran ]]
	done
}

@test "ns-mountproc: whom a proc hides may be outside" {
	requires root
	refused "cannot mount proc on '/proc': refusing to cover it for processes of another PID namespace in this mount namespace: perhaps those that /proc hides" \
		'chmod 755 /mnt; cp "$(type -P ns-mountproc)" /mnt
		inside bash -c "mount -t proc -o hidepid=invisible proc /proc
			setpriv --reuid=1 --regid=1 --clear-groups unshare -Urpf /mnt/ns-mountproc echo ran; exit \$?"'
}

@test "ns-mountproc: without a fork only children are in the new PID namespace, and it says so" {
	run -0 --separate-stderr in_outer 'unshare -pm ns-mountproc echo ran'
	[ "$output" = ran ]
	[ "$stderr" = 'ns-mountproc: warning: only children are in the new PID namespace; this proc is that of the old one: add --fork to unshare' ]
}

@test "ns-mountproc: --force mounts it for them all, as mount would" {
	gives $'1\nno self' 'unshare -pf ns-mountproc --force sh -c "cd /proc; echo [0-9]*"
		[ -e /proc/self ] || echo no self'
}

no_proc='mkdir -p /mnt/r/proc /mnt/r/other; cd /mnt/r; for d in /usr /bin /lib /lib64 /sbin /dev /tmp; do
		[ -e $d ] && mkdir -p .$d && mount --rbind $d .$d; done
	mkdir tools; cp "$(type -P ns-mountproc)" tools
	'

@test "ns-mountproc: where no proc is mounted, nobody can lose it" {
	gives '1' "$no_proc"'unshare -pf chroot /mnt/r /tools/ns-mountproc sh -c "cd /proc; echo [0-9]*"'
	gives '1' "$no_proc"'mount --make-shared /mnt
		unshare -pmf --propagation unchanged chroot /mnt/r /tools/ns-mountproc sh -c "cd /proc; echo [0-9]*"'
}

@test "ns-mountproc: nor is a PID namespace without a process given its first and last one" {
	requires root kernel 6.11
	run -0 --separate-stderr in_outer "$no_proc"'mount --make-shared /mnt
		unshare -pm --propagation unchanged chroot /mnt/r /tools/ns-mountproc sh -c "echo \$(echo first)"'
	[ "$output" = first ]
	[[ ${stderr_lines[0]} == 'ns-mountproc: warning: only children are in the new PID namespace; '* ]]
	run -0 --separate-stderr in_outer "$shared"'
		unshare -pm --propagation unchanged ns-mountproc --dir=/mnt/p sh -c "echo \$(echo first)"'
	[ "$output" = first ]
	[[ ${stderr_lines[1]} == 'ns-mountproc: note: the mount namespaces that share'* ]]
}

@test "ns-mountproc: without a proc to look through it is unknown who is outside" {
	run -1 --separate-stderr in_outer "$no_proc"'unshare -pf chroot /mnt/r /tools/ns-mountproc --check'
	[[ ${lines[3]} =~ ^mount\ namespace:\ mnt:\[[0-9]+\],\ with\ an\ unknown\ number\ of\ other\ processes\ in\ it$ ]]
	[ "${lines[4]}" = 'outside: unknown' ]
	[ "${lines[5]}" = 'propagation: unknown' ]
	[ "${lines[6]}" = 'masked: unknown' ]
	run -1 --separate-stderr in_outer "$no_proc"'unshare -pf chroot /mnt/r /tools/ns-mountproc --check --json'
	[[ $output == *'"processes": null,'*'"outside": null,'*'"unread": null,'*'"masked": null'* ]]
}

@test "ns-mountproc: a proc that would be covered is looked through itself, where /proc shows less" {
	refused "cannot mount proc on '/other': refusing to cover it .*: [0-9]+ \\(bash\\).*" \
		"$no_proc"'mount --rbind /proc other; unshare -pf chroot /mnt/r /tools/ns-mountproc --dir=/other echo ran; exit $?'
	refused "cannot mount proc on '/other': refusing to cover it .*: [0-9]+ \\(bash\\).*" \
		"$no_proc"'mount --rbind /proc other; unshare -pf chroot /mnt/r sh -c "
			mount -t proc proc /proc; /tools/ns-mountproc --dir=/other echo ran; exit \$?"; exit $?'
	refused "cannot mount proc on '/other': refusing to cover it .*: 1 \\(sleep\\)" \
		"$no_proc"'start unshare -pf ns-mountproc --force --dir=/mnt/r/other sleep 100
		wait_for child_of $started; wait_for sleeps $child
		unshare -pf chroot /mnt/r sh -c "
			mount -t proc proc /proc; /tools/ns-mountproc --dir=/other echo ran; exit \$?"; exit $?'
}

# --- Nobody else sees it

@test "ns-mountproc: a shared mount point is made private first, and its peers see nothing" {
	gives $'same\n1' 'mount --bind /mnt /mnt; mkdir /mnt/p; mount -t tmpfs none /mnt/p
		mount --make-shared /mnt; mount --make-shared /mnt/p
		start unshare -m --propagation unchanged sleep 100; wait_for sleeps $started
		cat /proc/$started/mountinfo >/mnt/before; cat /proc/self/mountinfo >/mnt/own
		unshare -pmf --propagation unchanged ns-mountproc --dir=/mnt/p sh -c "cd /mnt/p; echo [0-9]* >/mnt/out"
		cmp /proc/$started/mountinfo /mnt/before && cmp /proc/self/mountinfo /mnt/own && echo same
		cat /mnt/out'
}

@test "ns-mountproc: the same of /proc itself, under unshare --propagation unchanged" {
	gives $'same\n1' 'mount --make-shared /proc
		start unshare -m --propagation unchanged sleep 100; wait_for sleeps $started
		cat /proc/$started/mountinfo >/mnt/before; cat /proc/self/mountinfo >/mnt/own
		unshare -pmf --propagation unchanged ns-mountproc sh -c "cd /proc; echo [0-9]* >/mnt/out"
		cmp /proc/$started/mountinfo /mnt/before && cmp /proc/self/mountinfo /mnt/own && echo same
		cat /mnt/out'
}

@test "ns-mountproc: this test sees what mount(8) does to the peers" {
	gives 'gone' 'mount --make-shared /proc
		unshare -pmf --propagation unchanged mount -t proc proc /proc
		[ -e /proc/self ] || echo gone'
}

# A shared mount with a mount below the directory, and a peer and a slave of it.
shared='mount --bind /mnt /mnt; mkdir -p /mnt/p/below; mount -t tmpfs none /mnt/p/below
	mount --make-private /mnt/p/below; mount --make-shared /mnt
	start unshare -m --propagation unchanged sleep 100; peer=$started; wait_for sleeps $peer
	start unshare -m --propagation slave sleep 100; slave=$started; wait_for sleeps $slave
	trap "kill -KILL $peer $slave" EXIT
	infos="/proc/$peer/mountinfo /proc/$slave/mountinfo /proc/self/mountinfo"
	cat $infos >/mnt/before
	unchanged() { cat $infos | diff /mnt/before - && echo same; }
	export here="unshare -pmf --propagation unchanged"
	'

@test "ns-mountproc: nor a directory below a shared mount, which is bound on itself meanwhile" {
	gives $'1\n/mnt rw,relatime shared:[0-9]*\n/mnt/p rw,nosuid,nodev,noexec,relatime - proc proc rw\nsame' "$shared"'
		$here ns-mountproc --dir=/mnt/p sh -c "cd /mnt/p; echo [0-9]* | cut -c 1
			cut -d \" \" -f 5- self/mountinfo | grep -e \"^/mnt .*shared\" -e \"^/mnt/p \""
		unchanged'
	gives $'1\nsame' "$shared"'
		start $here sleep 100; wait_for child_of $started; wait_for sleeps $child
		ns-mountproc -t $child --dir=/mnt/p
		grep -c " /mnt/p .* - proc " /proc/$child/mountinfo; unchanged'
}

@test "ns-mountproc: --fallback=bind on a directory with a mount below that may not be uncovered" {
	run -0 --separate-stderr in_outer "$shared"'
		mount -t tmpfs none /proc/sys
		unshare -Urpmf --propagation unchanged sh -c "mount --make-shared /mnt
			ns-mountproc --fallback=bind --dir=/mnt/p ls -d /mnt/p/self"
		umount /proc/sys; unchanged'
	[ "$output" = $'/mnt/p/self\nsame' ]
}

@test "ns-mountproc: where that bind cannot be hidden from the peers, it says so, and proc is not seen" {
	requires cmd strace
	run -0 --separate-stderr in_outer "$shared"'
		$here strace -qq -f -o /dev/null -e inject=unshare:error=ENOSPC ns-mountproc --dir=/mnt/p echo ran
		grep -c " /mnt/p " /proc/$peer/mountinfo; grep " /mnt/p .* proc" $infos; umount /mnt/p; unchanged'
	[ "$output" = $'ran\n1\nsame' ]
	[ "$stderr" = "ns-mountproc: note: the mount namespaces that share the mount around '/mnt/p' see it bound on itself" ]
}

@test "ns-mountproc: a directory below a private mount is mounted on as it is" {
	gives '1' 'mkdir /mnt/p; inside ns-mountproc --dir=/mnt/p grep -c " /mnt/p " /proc/self/mountinfo'
}

@test "ns-mountproc: killed before the command, it leaves nothing outside" {
	requires cmd strace
	gives 'same' 'cat /proc/self/mountinfo >/mnt/own
		inside strace -qq -o /dev/null -e inject=execve:signal=KILL:when=2 ns-mountproc true 2>/dev/null
		cmp /proc/self/mountinfo /mnt/own && echo same'
}

# --- Options

@test "ns-mountproc: -o takes the options of proc, and those of any mount that it can have" {
	gives '/proc ro,nosuid,nodev,noexec,relatime - proc proc rw*,subset=pid' \
		'inside ns-mountproc -o gid=0,hidepid=2,subset=pid,ro \
		cut -d " " -f 5- /proc/self/mountinfo | tail -n 1'
	gives '*hidepid=invisible*' 'inside ns-mountproc -o hidepid=2 tail -n 1 /proc/self/mountinfo'
	gives '*hidepid=ptraceable*' 'inside ns-mountproc --options=hidepid=ptraceable tail -n 1 /proc/self/mountinfo'
	gives '*rw,nosuid,nodev,noexec,relatime*' \
		'inside ns-mountproc -o defaults,rw,nosuid,nodev,noexec,relatime tail -n 1 /proc/self/mountinfo'
}

@test "ns-mountproc: -o for access times, which in a user namespace must be those that can be seen" {
	if probe_root; then
		gives '*noexec,noatime,nodiratime *' 'inside ns-mountproc -o noatime,nodiratime tail -n 1 /proc/self/mountinfo'
		gives '*nodev,noexec -*' 'inside ns-mountproc -o strictatime tail -n 1 /proc/self/mountinfo'
	fi
	refused "cannot mount proc on '/proc': Operation not permitted.*" \
		'unshare -Urpmf ns-mountproc -o noatime echo ran'
	hints 'in a user namespace the options for access times must be those of the proc that can be seen; leave them out'
	refused "option 'strictatime': cannot stand beside noatime" 'inside ns-mountproc -o noatime,strictatime true'
}

@test "ns-mountproc: -o names what it does not take" {
	local option
	for option in hidepid=9 hidepid=bogus subset=foo gid=-1 gid=4294967295 gid=x gid=5x; do
		refused "option '$option': proc has no such value of '${option%=*}'" \
			"inside ns-mountproc -o ro,$option echo ran"
	done
	for option in foo foo=1 pidns=/proc/self/ns/pid ':' 'uid=0'; do
		refused "option '$option': proc has no such mount option" \
			"inside ns-mountproc -o $option echo ran"
	done
	for option in suid dev exec; do
		refused "option '$option': proc is always mounted nosuid,nodev,noexec" \
			"inside ns-mountproc -o $option echo ran"
	done
	for option in remount bind sync; do
		refused "option '$option': not an option of a new proc" \
			"inside ns-mountproc -o $option echo ran"
	done
	for option in hidepid hidepid= subset gid; do
		refused "option '$option': needs a value" "inside ns-mountproc -o $option echo ran"
	done
	refused "option 'ro=1': takes no value" 'inside ns-mountproc -o ro=1 echo ran'
}

@test "ns-mountproc: -o takes a list as mount does: empty words do not count, of two values the last" {
	gives '/proc ro,*,hidepid=invisible' \
		'inside ns-mountproc -o ,ro,ro,,hidepid=1,hidepid=2, tail -n 1 /proc/self/mountinfo | cut -d " " -f 5-'
	gives '/proc rw,*' 'inside ns-mountproc -o ro,rw tail -n 1 /proc/self/mountinfo | cut -d " " -f 5-'
	gives '/proc rw,*' "inside ns-mountproc -o '' tail -n 1 /proc/self/mountinfo | cut -d ' ' -f 5-"
	local option
	for option in '"' 'ro,"' 'hidepid=2"' 'ro="'; do
		refused "option '--options': '$option' has a quote without an end" \
			"inside ns-mountproc -o '$option' echo ran"
	done
}

@test "ns-mountproc: what the kernel says of an option is passed on" {
	requires cmd strace
	refused "option 'hidepid=2': Invalid argument" \
		'inside strace -qq -o /dev/null -e inject=fsconfig:error=EINVAL:when=2 ns-mountproc -o hidepid=2 true'
}

# --- The directory

@test "ns-mountproc: --dir takes another directory, by any path" {
	gives '1' 'mkdir -p /mnt/a/b; inside ns-mountproc --dir=/mnt/a/../a/b sh -c "cd /mnt/a/b; echo [0-9]*"'
	gives '1' 'mkdir -p /mnt/a; ln -s a /mnt/l; inside ns-mountproc --dir=/mnt/l sh -c "cd /mnt/a; echo [0-9]*"'
	gives '1' 'mkdir -p /mnt/a; cd /mnt; inside ns-mountproc --dir=a sh -c "cd a; echo [0-9]*"'
	gives '1' 'mkdir -p /mnt/a; cd /mnt; chmod 0 a; inside ns-mountproc --dir=a sh -c "cd a; echo [0-9]*"'
	gives '1' 'mkdir -p /mnt/a; mount -o remount,bind,ro /mnt; inside ns-mountproc --dir=/mnt/a sh -c "cd /mnt/a; echo [0-9]*"'
}

@test "ns-mountproc: --dir that is removed meanwhile" {
	requires cmd strace
	refused "cannot mount proc on '/mnt/a': No such file or directory" \
		'mkdir /mnt/a
		start() { "$@" & started=$!; }
		start inside strace -qq -f -o /mnt/calls -e inject=fsmount:signal=STOP ns-mountproc --dir=/mnt/a echo ran
		is_stopped() { grep -qs "stopped by SIGSTOP" /mnt/calls; }
		wait_for is_stopped; rmdir /mnt/a
		child=$started
		for level in shell unshare strace; do wait_for child_of $child; done
		kill -CONT $child; wait $started'
}

@test "ns-mountproc: --dir that is no directory, is missing, or leads through /proc" {
	refused "cannot mount proc on '/mnt/none': No such file or directory" 'inside ns-mountproc --dir=/mnt/none true'
	refused "cannot mount proc on '/mnt/file': Not a directory" 'touch /mnt/file; inside ns-mountproc --dir=/mnt/file true'
	refused "cannot mount proc on '': No such file or directory" 'inside ns-mountproc --dir= true'
	refused "cannot mount proc on '/proc/self/cwd': it leads through a link of /proc, or in a circle of links" \
		'inside ns-mountproc --dir=/proc/self/cwd true'
	refused "cannot mount proc on '/mnt/l': it leads .*" 'ln -s l /mnt/l; inside ns-mountproc --dir=/mnt/l true'
	refused "cannot mount proc on '/mnt/a/b': Permission denied" \
		'mkdir -p /mnt/a/b; chmod 0 /mnt/a; without=-dac_override,-dac_read_search
		inside setpriv --bounding-set=$without --inh-caps=$without ns-mountproc --dir=/mnt/a/b true'
	refused "cannot look at '/mnt/none': No such file or directory" 'ns-mountproc --check --dir=/mnt/none'
	refused "cannot find the working directory: No such file or directory" \
		'mkdir /mnt/a; cd /mnt/a; rmdir /mnt/a; inside ns-mountproc --dir=. true'
}

@test "ns-mountproc: --dir is never the root directory, by whatever path, nor a target's" {
	local dir
	for dir in / /mnt/.. ../.. /proc/.. /mnt/l; do
		refused "cannot mount proc on '[^ ]*$dir': it is the root directory" \
			"cd /usr; ln -s / /mnt/l; inside ns-mountproc --dir=$dir echo ran"
	done
	for dir in / . .. usr/..; do
		refused "cannot mount proc on '$dir': it is the root directory" \
			"start unshare -pmf sleep 100; wait_for child_of \$started; wait_for sleeps \$child
			ns-mountproc -t \$child --dir=$dir"
	done
	gives '1' 'mkdir /mnt/...; inside ns-mountproc --dir=/mnt/... sh -c "cd /mnt/...; echo [0-9]*"'
	gives '1' 'mkdir /mnt/a; mount --rbind / /mnt/a
		inside ns-mountproc --dir=/mnt/a sh -c "cd /mnt/a; echo [0-9]*"'
}

# The target's root is a directory of this mount namespace.
chrooted='cd /mnt; mkdir -p root/x outside root/usr; ln -s ../outside root/y; mount --rbind /usr root/usr
	for d in /lib /lib64; do [ ! -e $d ] || { mkdir -p root$d; mount --rbind $d root$d; }; done
	start unshare -pf chroot root /usr/bin/sleep 100; wait_for child_of $started; wait_for sleeps $child'

@test "ns-mountproc: without openat2 no link is followed, and -t never goes up" {
	requires cmd strace
	local error without
	for error in ENOSYS EPERM; do
		without="strace -qq -f -o /dev/null -e inject=openat2:error=$error ns-mountproc"
		gives '1' "mkdir -p /mnt/a/b; inside $without --dir=/mnt/a/../a//b/ sh -c 'cd /mnt/a/b; echo [0-9]* | cut -c 1'"
		refused "cannot mount proc on '/mnt/l/b': it leads through a link, and none is followed without openat2\\(2\\), which this kernel or a filter refuses" \
			"mkdir -p /mnt/a/b; ln -s a /mnt/l; inside $without --dir=/mnt/l/b true"
		refused "cannot mount proc on '/proc/self/cwd': it leads through a link, .*" "inside $without --dir=/proc/self/cwd true"
		refused "cannot mount proc on '/mnt/file': Not a directory" "touch /mnt/file; inside $without --dir=/mnt/file true"
		refused "cannot mount proc on '': No such file or directory" "inside $without --dir= true"
	done
	gives 'x' "$chrooted
		$without --force -t \$child --dir=/x; stat -fc %T root/x | tr -d '\n' | sed 's/proc/x/'"
	for dir in /y /x/../../outside; do
		refused "cannot mount proc on '$dir': it leads through a link, .*" "$chrooted
			$without --force -t \$child --dir=$dir"
	done
}

# --- -t

@test "ns-mountproc: -t mounts the proc of the target's PID namespace in its mount namespace" {
	gives $'no\nyes\n1' 'start unshare -pmf sleep 100; wait_for child_of $started; wait_for sleeps $child
		ns-mountproc --check -t $child | sed -n "s/^matches: //p"
		ns-mountproc -t $child
		ns-mountproc --check -t $child | sed -n "s/^matches: //p"
		ns-enter $child sh -c "cd /proc; echo [0-9]*" | cut -d " " -f 1'
	gives '1' 'start unshare -Urpmf sleep 100; wait_for child_of $started; wait_for sleeps $child
		ns-mountproc -t $child; ns-enter --preserve-credentials $child sh -c "cd /proc; echo [0-9]*" | cut -d " " -f 1'
}

@test "ns-mountproc: -t of the parent that waits, and of a PID namespace by its inode" {
	run -0 --separate-stderr in_outer 'start unshare -pmf sleep 100; wait_for child_of $started; wait_for sleeps $child
		ns-mountproc -t $started; ns-mountproc -t $started --check >/mnt/out; echo $?'
	[ "$output" = 0 ]
	[[ ${stderr_lines[0]} == *"note: process "*" is not in the PID namespace of its children, which is taken" ]]
	requires kernel 6.11
	gives '0' 'start unshare -pmf sleep 100; wait_for child_of $started; wait_for sleeps $child
		ns-mountproc -t "$(readlink /proc/$child/ns/pid)"; ns-mountproc -t $child --check >/mnt/out; echo $?'
	refused "option '--target': 'net:.*' is neither a process nor a PID namespace" \
		'ns-mountproc -t "$(readlink /proc/self/ns/net)"'
}

@test "ns-mountproc: -t as an ordinary user, of a target in a user namespace of its own" {
	local as=()
	! probe_root || as=(in_private_mounts setpriv --reuid=65534 --regid=65534 --clear-groups)
	cd /
	run -0 "${as[@]}" "${bound[@]}" bash -c "${functions#*tmpfs none /mnt}"'
		start unshare -Urpmf sleep 100; wait_for child_of $started; wait_for sleeps $child
		ns-mountproc -t $child; ns-mountproc -t $child --check | sed -n "s/^matches: //p"'
	[ "$output" = yes ]
}

@test "ns-mountproc: -t leaves the caller's mounts alone, and takes no command" {
	gives 'same' 'start unshare -pmf sleep 100; wait_for child_of $started; wait_for sleeps $child
		cat /proc/self/mountinfo >/mnt/own; ns-mountproc -t $child; cmp /proc/self/mountinfo /mnt/own && echo same'
	refused "option '--target': takes no command" 'ns-mountproc -t $$ ps'
	hints "the command would run out here; write 'ns-enter [0-9]+ ns-mountproc ps'"
}

@test "ns-mountproc: -t of what is not there, or has ended" {
	refused "cannot enter process '4194304': no such process" 'ns-mountproc -t 4194304'
	refused "cannot understand '4294967298': neither a process ID .*" 'ns-mountproc -t 4294967298'
	refused "cannot open '/mnt/none': No such file or directory" 'ns-mountproc -t /mnt/none'
	refused "cannot mount proc on '/none': No such file or directory" \
		'start unshare -pmf sleep 100; wait_for child_of $started; wait_for sleeps $child
		ns-mountproc -t $child --dir=/none'
}

@test "ns-mountproc: -t ends as its child does, even for a caller that ignores SIGCHLD" {
	refused "cannot mount proc on '/none': No such file or directory" \
		'start unshare -pmf sleep 100; wait_for child_of $started; wait_for sleeps $child
		env --ignore-signal=CHLD ns-mountproc -t $child --dir=/none'
	gives '' 'start unshare -pmf sleep 100; wait_for child_of $started; wait_for sleeps $child
		env --ignore-signal=CHLD ns-mountproc -t $child'
}

@test "ns-mountproc: -t refuses for who is outside in the target's mount namespace" {
	refused "cannot mount proc on '/proc': refusing to cover it .*" \
		'start unshare -pf sleep 100; wait_for child_of $started; wait_for sleeps $child
		ns-mountproc -t $child'
}

@test "ns-mountproc: -t follows no link out of the target's root" {
	gives 'x' "$chrooted
		ns-mountproc --force -t \$child --dir=/x; stat -fc %T root/x | tr -d '\n' | sed 's/proc/x/'"
	refused "cannot mount proc on '/y': No such file or directory" "$chrooted
		ns-mountproc --force -t \$child --dir=/y"
	refused "cannot mount proc on '/z': .*" "$chrooted
		ln -s /mnt/outside root/z; ns-mountproc --force -t \$child --dir=/z"
}

@test "ns-mountproc: nor while a directory and a link are exchanged, 5000 times" {
	BATS_TEST_TIMEOUT=240
	bound=(timeout -k 1 200)
	run -0 in_outer "$chrooted
		swap 5000 root/x root/y outside ns-mountproc --force -t \$child --dir=/x"
	echo "$output"
	[[ $output =~ ^mounted\ [1-9][0-9]*\ refused\ [1-9][0-9]*\ covered\ 0$ ]]
}

# --- What the kernel refuses

@test "ns-mountproc: a user namespace without a PID namespace of its own" {
	refused "cannot mount proc on '/mnt': Operation not permitted" 'unshare -Urm ns-mountproc --dir=/mnt echo ran'
	hints "this PID namespace belongs to a user namespace around yours; make a new one here, by 'ns-unshare -pm' or 'unshare -m --pid --fork'"
}

@test "ns-mountproc: without CAP_SYS_ADMIN" {
	refused "cannot mount proc on '/proc': Operation not permitted" \
		'inside setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin ns-mountproc echo ran'
	hints "you lack CAP_SYS_ADMIN here; be root in a user namespace of your own, by 'ns-unshare -rpm' or 'unshare -rpmf'"
}

@test "ns-mountproc: where parts of proc are covered, it names them all" {
	refused "cannot mount proc on '/proc': Operation not permitted( \\(VFS: Mount too revealing\\))?" \
		'mount -t tmpfs none /proc/sys; mount --bind /dev/null /proc/version; unshare -Urpmf ns-mountproc echo ran'
	hints "mounts cover '/proc/sys', '/proc/version', and the kernel makes no proc that would show more; .*unmask=ALL.*--fallback=bind"
	refused "cannot mount proc on '/proc': Operation not permitted.*" \
		'mount -t tmpfs none /proc/sys; unshare -Urpmf ns-mountproc -o hidepid=2 echo ran'
	hints "mounts cover '/proc/sys', and the kernel makes no proc .*procMount: Unmasked \\(kubernetes\\)"
	refused "cannot mount proc on '/proc': Operation not permitted.*" \
		'mount -t tmpfs none /proc/sys; start unshare -Urpmf sleep 100; wait_for child_of $started; wait_for sleeps $child
		ns-mountproc -t $child'
	hints "mounts cover '/proc/sys', and the kernel makes no proc .*procMount: Unmasked \\(kubernetes\\)"
	gives $'1' 'mount -t tmpfs none /proc/fs; unshare -pmf bash -c "umount /proc/fs; ns-mountproc sh -c \"cd /proc; echo [0-9]*\"" | cut -d " " -f 1'
}

@test "ns-mountproc: where no proc can be seen, it says so" {
	refused "cannot mount proc on '/p': Operation not permitted.*" \
		'cd /mnt; mkdir -p root/p root/usr root/old root/tools; mount --rbind /usr root/usr
		for d in /bin /sbin /lib /lib64; do [ ! -e $d ] || { mkdir -p root$d; mount --rbind $d root$d; }; done
		cp "$(type -P ns-mountproc)" root/tools
		unshare -Urpmf ns-unshare -m --root=root --pivot /tools/ns-mountproc --dir=/p echo ran'
	hints 'no proc is mounted on /proc, and in a user namespace the kernel makes one only where another can be seen whole; .*'
}

@test "ns-mountproc: read-only and noatime are passed on where the kernel demands it" {
	requires root
	gives '*/proc rw,nosuid,nodev,noexec,noatime - proc proc*' \
		'mount -o remount,bind,noatime /proc && unshare -Urpmf ns-mountproc tail -n 1 /proc/self/mountinfo'
	gives '*/proc ro,nosuid,nodev,noexec,relatime - proc proc*' \
		'mount -o remount,bind,ro /proc && unshare -U --keep-caps -pmf ns-mountproc tail -n 1 /proc/self/mountinfo'
	requires cmd strace
	gives '*/proc rw,nosuid,nodev,noexec,noatime - proc proc*' \
		'mount -o remount,bind,noatime /proc
		unshare -Urpmf strace -qq -o /dev/null -e inject=fsopen:error=ENOSYS ns-mountproc tail -n 1 /proc/self/mountinfo'
}

@test "ns-mountproc: --fallback=bind binds the proc that is there, and says whose it is" {
	run -0 --separate-stderr in_outer 'mount -t tmpfs none /proc/sys; mkdir /mnt/p
		unshare -Urpmf ns-mountproc --fallback=bind --dir=/mnt/p cat /mnt/p/sys/kernel 2>/dev/null; unshare -Urpmf ns-mountproc --fallback=bind --dir=/mnt/p ls -d /mnt/p/self'
	[ "$output" = /mnt/p/self ]
	[[ $stderr == "ns-mountproc: warning: cannot mount proc on '/mnt/p': Operation not permitted"*"; the proc at /proc is bound instead, and shows the processes of an outer PID namespace" ]]
	run -0 --separate-stderr in_outer 'mount -t tmpfs none /proc/sys; unshare -Urpmf ns-mountproc --fallback=bind echo ran'
	[ "$output" = ran ]
	gives 'same' 'cat /proc/self/mountinfo >/mnt/a; mount -t tmpfs none /proc/sys; cat /proc/self/mountinfo >/mnt/b
		unshare -Urpmf ns-mountproc --fallback=bind --dir=/proc/../proc/ sh -c "wc -l </proc/self/mountinfo >/mnt/c" 2>/dev/null
		wc -l </mnt/b | cmp - /mnt/c && echo same'
	requires cmd strace
	refused "cannot mount proc on '/mnt/p': what is there then is not the proc of this PID namespace; it is unmounted again" \
		'mount -t tmpfs none /proc/sys; mkdir /mnt/p
		unshare -Urpmf strace -qq -f -o /dev/null -e inject=move_mount:retval=0 \
			ns-mountproc --fallback=bind --dir=/mnt/p echo ran 2>&1 | grep -v warning >&2; exit ${PIPESTATUS[0]}'
	refused "option '--fallback': .*" 'ns-mountproc --fallback=none echo ran'
	refused "option '--fallback': cannot stand beside '--options'" 'ns-mountproc --fallback=bind -o ro echo ran'
}

@test "ns-mountproc: without the new mount API, or with a filter on it, mount(2) does it" {
	requires cmd strace
	local call error
	for call in fsopen fsconfig fsmount move_mount mount_setattr; do
		for error in ENOSYS EPERM; do
			[ "$call $error" != 'fsconfig EPERM' ] || continue
			gives '/proc rw,nosuid,nodev,noexec,relatime - proc proc rw,hidepid=invisible' \
				"inside strace -qq -o /dev/null -e inject=$call:error=$error ns-mountproc -o hidepid=invisible \
				tail -n 1 /proc/self/mountinfo | cut -d ' ' -f 5-"
		done
	done
	gives '1' "mkdir /mnt/p; cd /mnt
		inside strace -qq -o /dev/null -e inject=fsopen,openat2:error=ENOSYS ns-mountproc --dir=p sh -c 'cd p; echo [0-9]* | cut -c 1'"
}

@test "ns-mountproc: what is not the proc of this PID namespace is unmounted again" {
	requires cmd strace
	# Nothing is mounted although the call says so.
	refused "cannot mount proc on '/proc': what is there then is not the proc of this PID namespace; it is unmounted again" \
		'inside strace -qq -o /dev/null -e inject=move_mount:retval=0 -e inject=umount2:retval=0 ns-mountproc echo ran'
}

@test "ns-mountproc: an exhausted limit of mounts is named, and not guessed at" {
	requires cmd strace
	refused "cannot mount proc on '/proc': No space left on device" \
		'inside strace -qq -o /dev/null -e inject=fsmount:error=ENOSPC ns-mountproc echo ran'
	[ ${#stderr_lines[@]} = 1 ]
	refused "cannot mount proc on '/proc': No space left on device" \
		'echo 5 >/mnt/max; mount --bind /mnt/max /proc/sys/fs/mount-max
		inside strace -qq -o /dev/null -e inject=fsmount:error=ENOSPC ns-mountproc echo ran'
	hints 'this mount namespace has [0-9]+ mounts, and sysctl fs.mount-max allows 5; unmount some, or raise it'
	refused "cannot mount proc on '/proc': No space left on device" \
		'unshare -Urpmf sh -ec "echo 1 >/proc/sys/user/max_mnt_namespaces; ns-mountproc echo ran"'
	hints 'a limit is reached: user.max_mnt_namespaces, here or in an outer user namespace; end what you do not need, or raise it'
}

# --- --check

@test "ns-mountproc: --check says whose proc it is, and changes nothing" {
	run -1 in_outer 'unshare -pmf ns-mountproc --check'
	echo "$output"
	[ "${lines[0]}" = "directory: '/proc'" ]
	[[ ${lines[1]} =~ ^shows:\ a\ PID\ namespace\ [0-9]+\ levels?\ above\ yours ]]
	[ "${lines[2]}" = 'matches: no' ]
	[[ ${lines[3]} =~ ^mount\ namespace:\ mnt:\[[0-9]+\],\ with\  ]]
	[ "${lines[4]}" = 'outside: 0 of them in another PID namespace' ]
	[ "${lines[5]}" = 'propagation: private' ]
	[ "${lines[6]}" = 'masked: no' ]
	[ "${#lines[@]}" = 7 ]
	run -0 in_outer 'unshare -pmf ns-mountproc ns-mountproc --check'
	[[ ${lines[1]} =~ ^shows:\ your\ PID\ namespace,\ pid:\[[0-9]+\]$ ]]
	[ "${lines[2]}" = 'matches: yes' ]
	run -1 in_outer 'ns-mountproc --check --dir=/mnt'
	[ "${lines[1]}" = 'shows: nothing: it is not the root of a proc' ]
	run -0 strace -qq -f -o calls ns-mountproc --check
	run ! grep -E '^[0-9]+ +(fsopen|fsmount|mount|move_mount|mount_setattr|umount2|unshare|setns)\(' calls
}

@test "ns-mountproc: --check tells the outside, the propagation and the masks" {
	run -1 in_outer 'mount --make-shared /proc; mount -t tmpfs none /proc/sys; unshare -pf ns-mountproc --check'
	echo "$output"
	[[ ${lines[3]} =~ \ [0-9]+\ \(bash\) ]]
	[[ ${lines[4]} =~ ^outside:\ [1-9] ]]
	[ "${lines[5]}" = 'propagation: shared' ]
	[ "${lines[6]}" = "masked: '/proc/sys'" ]
	run -1 in_outer 'unshare -pmf ns-mountproc sh -c "mkdir /mnt/p; mount --bind /proc /mnt/p; exec unshare -pf ns-mountproc --check --dir=/mnt/p"'
	[[ ${lines[1]} =~ ^shows:\ a\ PID\ namespace\ 1\ level\ above ]]
}

@test "ns-mountproc: --check names eight processes, and counts the rest" {
	local others='mount namespace: mnt:\[[0-9]+\], with'
	# With bash itself 8, then 9.
	run -1 in_outer 'for i in {1..7}; do sleep 100 & pids+=" $!"; done; ns-mountproc --check --dir=/mnt; s=$?
		kill $pids; exit $s'
	echo "$output"
	[[ ${lines[3]} =~ ^$others\ 8\ other\ processes\ in\ it:(\ [0-9]+\ \([a-z]+\),?){8}$ ]]
	run -1 in_outer 'for i in {1..8}; do sleep 100 & pids+=" $!"; done; ns-mountproc --check --dir=/mnt; s=$?
		kill $pids; exit $s'
	echo "$output"
	[[ ${lines[3]} =~ ^$others\ 9\ other\ processes\ in\ it:(\ [0-9]+\ \([a-z]+\),?){8}\ and\ 1\ more$ ]]
}

@test "ns-mountproc: --check --json is the same as JSON" {
	requires cmd python3
	run -1 in_outer 'mount -t tmpfs none /proc/sys; unshare -pmf ns-mountproc --check --json'
	python3 -c 'import json, sys
r = json.loads(sys.argv[1])
assert r["schema"] == 1 and r["directory"] == "/proc" and r["shows"] == "outer"
assert r["matches"] is False and r["masked"] == ["/proc/sys"] and r["outside"] == 0
assert r["propagation"] == "private" and r["own_pid_namespace"] > 0' "$output"
	run -0 in_outer 'unshare -pmf ns-mountproc ns-mountproc --check --json'
	python3 -c 'import json, sys
r = json.loads(sys.argv[1])
assert r["matches"] is True and r["shows"] == "own"
assert r["pid_namespace"] == r["own_pid_namespace"]' "$output"
}

@test "ns-mountproc: --check takes no command, and no option that changes something" {
	refused "option '--check': takes no command" 'ns-mountproc --check true'
	refused "option '--check': cannot stand beside '--force'" 'ns-mountproc --check --force'
	refused "option '--json': needs '--check'" 'ns-mountproc --json'
	run -125 --separate-stderr bash -c 'ns-mountproc --check >/dev/full'
	[[ $stderr == 'ns-mountproc: cannot write'*'No space left on device'* ]]
	run -125 --separate-stderr bash -c 'ns-mountproc --check >&-'
	[[ $stderr == 'ns-mountproc: cannot write'* ]]
}

# --- -v and --dry-run

without_results() {
	grep '^+' | sed -E 's/ = -?[0-9]+( .*)?$//; s/\((FD|[0-9]+),/(N,/g'
}

@test "ns-mountproc: --dry-run prints what -v prints, and changes nothing" {
	requires cmd strace
	local arguments
	for arguments in 'true' '-o hidepid=2,ro true' '--dir=/mnt true'; do
		run -0 in_outer "inside ns-mountproc -v $arguments 2>&1"
		without_results <<<"$output" >verbose
		run -0 in_outer "inside strace -qq -f -o '$PWD/calls' ns-mountproc --dry-run $arguments 2>&1"
		without_results <<<"$output" >dry
		diff verbose dry
		[ -s dry ]
		run ! grep -E '^[0-9]+ +(fsopen|fsmount|mount|move_mount|mount_setattr|unshare|setns)\(' calls
	done
	run -0 in_outer 'start unshare -pmf sleep 100; wait_for child_of $started; wait_for sleeps $child
		ns-mountproc --dry-run -t $child 2>&1 | tee /mnt/dry | grep -c "setns\|move_mount"
		ns-mountproc -v -t $child 2>&1 | sed -E "s/ = -?[0-9]+\$//; s/\\([0-9]+,/(FD,/" | diff - /mnt/dry && echo same'
	[ "$output" = $'2\nsame' ]
}

@test "ns-mountproc: --dry-run of a target sees what the target's mounts share, and hides what -v hides" {
	local propagation
	for propagation in private shared; do
		run -0 in_outer 'mount --bind /mnt /mnt; mkdir /mnt/p; mount --make-'$propagation' /mnt
			start unshare -pmf --propagation unchanged sleep 100; wait_for child_of $started; wait_for sleeps $child
			ns-mountproc --dry-run -t $child --dir=/mnt/p 2>&1 | tee /mnt/dry | grep -c "open_tree\|umount2"
			ns-mountproc -v -t $child --dir=/mnt/p 2>&1 | sed -E "s/ = -?[0-9]+\$//; s/\([0-9]+,/(FD,/" | diff - /mnt/dry && echo same'
		echo "$output"
		[ "$output" = "$([ $propagation = shared ] && echo 3 || echo 0)"$'\nsame' ]
	done
}

@test "ns-mountproc: --dry-run fails where the real run would" {
	refused "cannot mount proc on '/mnt/none': .*" 'inside ns-mountproc --dry-run --dir=/mnt/none true'
	refused "cannot mount proc on '/proc': refusing .*" 'unshare -pf ns-mountproc --dry-run true; exit $?'
	refused "cannot mount proc on '/mnt': Operation not permitted" 'unshare -Urm ns-mountproc --dry-run --dir=/mnt true'
	run -127 in_outer 'inside ns-mountproc --dry-run nosuch'
}

@test "ns-mountproc: --dry-run -t fails as the real run does, without the right to join" {
	local try
	for try in '' --dry-run; do
		refused "cannot enter the mnt namespace of process '[0-9]+': Operation not permitted" \
			'start unshare -pmf --kill-child sleep 100
			wait_for child_of $started; wait_for sleeps $child
			setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin \
				ns-mountproc '"$try"' -t $child 2>&1 | grep -v "^+" >&2
			exit "${PIPESTATUS[0]}"'
		hints "it belongs to user:.*"
	done
}

# --- The same functions elsewhere

@test "ns-mountproc: ns-unshare --mount-proc, too, finds its directory once" {
	requires cmd strace
	run -0 in_outer "mkdir /mnt/p; strace -qq -f -o '$PWD/calls' \
		ns-unshare -pm --propagation slave --mount-proc=/mnt/p stat -fc %T /mnt/p"
	[ "$output" = proc ]
	[ "$(grep -v 'exec\|stat' calls | grep '"/mnt/p"' | grep -o '[a-z]*(.*O_PATH')" = \
		'openat(AT_FDCWD, "/mnt/p", O_RDONLY|O_CLOEXEC|O_PATH' ]
	[ "$(grep -v 'exec\|stat' calls | grep -c '"/mnt/p"')" = 1 ]
}

# --- Chains

@test "ns-mountproc: chains of tools end as their last command does" {
	requires timens
	gives $'lab\n1' 'ns-unshare -pmu ns-mountproc ns-hostname lab sh -c "uname -n; cd /proc; echo [0-9]*"'
	gives $'lab\n1' 'ns-unshare -pmu ns-hostname lab ns-mountproc sh -c "uname -n; cd /proc; echo [0-9]*"'
	gives $'lab\n1' 'ns-unshare -U -r -pmu ns-mountproc ns-hostname lab sh -c "uname -n; cd /proc; echo [0-9]*"'
	gives $'lab\n1' 'ns-unshare -m ns-unshare -p ns-unshare -m ns-mountproc ns-unshare -u ns-hostname lab \
		sh -c "uname -n; cd /proc; echo [0-9]* | cut -d \" \" -f 1"'
	gives $'1\nlab' 'ns-unshare -a ns-hostname lab ns-mountproc sh -c "echo \$\$; uname -n"'
	gives $'mark' 'start unshare -pmuf sh -c "hostname mark; exec sleep 100"; wait_for child_of $started; wait_for sleeps $child
		ns-enter $child ns-mountproc ns-hostname'
	run -9 in_outer 'ns-unshare -pmu ns-mountproc ns-hostname lab sh -c "exit 9"'
	run -143 in_outer 'ns-unshare -mu ns-mountproc ns-hostname lab sh -c "kill -TERM \$\$"; exit $?'
	run -127 in_outer 'ns-unshare -pmu ns-hostname lab ns-mountproc nosuch'
}

@test "ns-mountproc: in whatever order the tools come, the status is that of the last command" {
	gives '24' 'touch /mnt/uts; unshare --uts=/mnt/uts true
		steps=(ns-mountproc "ns-hostname lab" "ns-unshare -i" "ns-enter --uts=/mnt/uts")
		for order in {0..3}{0..3}{0..3}{0..3}; do
			grep -q "\(.\).*\1" <<<"$order" && continue
			chain=
			for i in $(fold -w 1 <<<"$order"); do chain+=" ${steps[i]}"; done
			for status in 0 9; do
				ns-unshare -pmu $chain sh -c "exit $status"
				[ $? = $status ] || echo "$chain"
			done
			count=$((count + 1))
		done
		echo $count'
}
