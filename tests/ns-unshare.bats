#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# ns-unshare: every option in its working and its refused form, as root and as an
# ordinary user.  What it answers to bad input and faults is in faults.bats.
load helpers/common
load helpers/place

types=(user mnt uts ipc net pid cgroup time)
uid=$(id -u) gid=$(id -g)

setup() {
	requires userns
	cd "$BATS_TEST_TMPDIR"
	root=() started=()
	probe_root || root=(--map-root-user)	# what makes an ordinary user able
}

# A test that fails leaves nothing running.
teardown() {
	local pid
	for pid in "${started[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
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

# White space becomes one blank.
squeeze() {
	tr -s ' \t\n' ' ' | sed 's/^ //; s/ $//'
}

# A tool that hangs is ended.
bounded='ns-unshare() { timeout -k 1 30 ns-unshare "$@"; }'
bound=(timeout -k 1 30)

place() {
	if probe_root; then in_place root "$bounded"$'\n'"$1"; else in_place user "$bounded"$'\n'"$1"; fi
}

# refused PATTERN ARGUMENT... - with 125, this message, and without running the command
refused() {
	local pattern=$1
	shift
	run -125 --separate-stderr "${bound[@]}" ns-unshare "$@" echo ran
	echo "$stderr"
	[ -z "$output" ]
	[[ ${stderr_lines[0]} =~ ^ns-unshare:\ ($pattern)$ ]]
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

# gives WANTED ARGUMENT... - the output, white space being one blank; stderr empty
gives() {
	local wanted=$1
	shift
	run -0 --separate-stderr "${bound[@]}" ns-unshare "$@"
	came "$wanted"
}

# The same in a place of one's own; CODE
place_gives() {
	local wanted=$1
	shift
	run -0 --separate-stderr place "$*"
	came "$wanted"
}

is_running_sleep() {
	child=$(grep -l "^PPid:	$tool\$" /proc/[0-9]*/status 2>/dev/null | grep -o '[0-9]*' |
		while read -r pid; do
			grep -qs '^sleep$' "/proc/$pid/comm" && echo "$pid"
		done)
	[ -n "$child" ]
}

# start ARGUMENT... - "ns-unshare ARGUMENT... sleep 1000" in the background; sets tool, child
start() {
	ns-unshare "$@" sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
	tool=$!
	disown
	started+=("$tool")
	wait_for is_running_sleep
	started+=("$child")
}

# A zombie has ended, too: who its parent is now is not ours to say.
gone() {
	! grep -qs '^State:.[^Z]' "/proc/$1/status"
}

# --- Types

# Print the types of which the command has other namespaces than this shell.
changed() {
	local type links
	links=$("${bound[@]}" ns-unshare "$@" readlink /proc/self/ns/{user,mnt,uts,ipc,net,pid,cgroup,time})
	for type in "${types[@]}"; do
		grep -qxF "$(ns "$type")" <<<"$links" || echo "$type"
	done
}

@test "ns-unshare: a type's letter and name make that namespace new, and no other" {
	requires kernel 6.2
	local type wanted
	for type in "${types[@]}"; do
		wanted=$type
		probe_root || [ "$type" = user ] || wanted="user $type"
		[ "$(changed "${root[@]}" "-$(letter "$type")" | squeeze)" = "$wanted" ]
		[ "$(changed "${root[@]}" "--$(option "$type")" | squeeze)" = "$wanted" ]
	done
}

@test "ns-unshare: all eight types at once" {
	requires kernel 6.2
	[ "$(changed -UmuinpCT | squeeze)" = "${types[*]}" ]
	[ "$(changed -UmuinpCT -f | squeeze)" = "${types[*]}" ]
}

@test "ns-unshare: without an option, the command is just run" {
	[ -z "$(changed)" ]
	gives 'a b' echo a b
	gives '' true
}

@test "ns-unshare: the new user namespace owns the others" {
	requires cmd ip
	run -0 ns-unshare -rn ip address add 10.9.8.7/32 dev lo
}

@test "ns-unshare: an ordinary user is refused each type but user, and told of -r" {
	requires user
	local type
	for type in "${types[@]}"; do
		[ "$type" != user ] || continue
		refused "cannot create a new $type namespace: Operation not permitted" "--$(option "$type")"
		[[ $stderr == *"ns-unshare: hint: you lack CAP_SYS_ADMIN here; "*"-r"* ]]
	done
	refused 'cannot create namespaces \(mnt uts\): Operation not permitted' -mu
}

@test "ns-unshare: a namespace type takes no value after its letter" {
	local type
	for type in "${types[@]}"; do
		refused "option '-.*': .*" "-$(letter "$type")=x"
	done
}

# --- All types at once

@test "ns-unshare: --all makes a usable set of all eight types" {
	requires proc timens cmd ps
	local option
	mkdir m
	for option in -a --all; do
		[ "$(changed $option | squeeze)" = "${types[*]}" ]
		gives '0 0 /proc/1 sh ps over 127.0.0.1 tmpfs 1' $option sh -c 'id -u; id -g
			echo /proc/[0-9]*; ps -A -o comm=; inside tcp
			mount -t tmpfs none m; stat -fc %T m; echo $$'
	done
	gives refused -a bash -c "$loopback"
	refused "option '--all': takes no value" --all=1
}

@test "ns-unshare: --all maps root's IDs to themselves, and makes another caller root" {
	requires proc
	local maps=(cat /proc/self/{uid_map,gid_map,setgroups}) root_of_one='0 0 1 0 0 1 deny'
	if probe_root; then
		gives '0 0 4294967295 0 0 4294967295 allow' -a "${maps[@]}"
		bound+=(unshare -Ur)
		gives "$root_of_one" -a "${maps[@]}"
		bound=(timeout -k 1 30 setpriv --reuid=5 --regid=7 --clear-groups)
		place_gives '0 5 1 0 7 1 deny' "${bound[*]} ns-unshare -a ${maps[*]}"
	else
		gives "0 $uid 1 0 $gid 1 deny" -a "${maps[@]}"
	fi
}

@test "ns-unshare: with --all, any map option replaces the map" {
	requires proc
	local maps=(cat /proc/self/{uid_map,gid_map})
	gives "$uid $uid 1 $gid $gid 1" -a -c "${maps[@]}"
	gives "0 $uid 1 0 $gid 1" -a -r "${maps[@]}"
	gives "5 $uid 1" -a --map-user=5 "${maps[@]}"
	gives "5 $gid 1" -a --map-group=5 "${maps[@]}"
	gives "7 $uid 1" -a --map-users=7:"$uid":1 "${maps[@]}"
	gives "7 $gid 1" -a --map-groups=7:"$gid":1 "${maps[@]}"
}

@test "ns-unshare: with --all, --no-TYPE leaves that type out, and no other" {
	requires proc timens
	local type left
	for type in "${types[@]}"; do
		left=$(squeeze <<<"${types[*]/#$type/}")
		if [ "$type" = user ] && ! probe_root; then
			refused "cannot create namespaces \($left\): Operation not permitted" -a --no-user
			hints 'leave out --no-user to be root in a user namespace of your own'
			continue
		fi
		[ "$(changed -a "--no-$(option "$type")" | squeeze)" = "$left" ]
	done
	[ "$(changed -a --no-net --no-uts --no-time | squeeze)" = 'user mnt ipc pid cgroup' ]
}

@test "ns-unshare: with --all, --no-mount-proc, --no-loopback and --no-fork leave that out" {
	requires proc
	gives old -a --no-mount-proc sh -c "[ ! -e /proc/$$ ] || echo old"
	gives new -a sh -c "[ -e /proc/$$ ] || echo new"
	gives unreachable -a --no-loopback bash -c "$loopback"
	run -0 --separate-stderr "${bound[@]}" sh -c 'echo $$
		exec ns-unshare -a --no-fork sh -c "echo \$\$; stat -c %i /proc"'
	[ "${lines[0]}" = "${lines[1]}" ]
	[ "${lines[2]}" = "$(stat -c %i /proc)" ]
	[[ ${stderr_lines[0]} == "ns-unshare: warning: the command's first child is PID 1: "* ]]
	[ ${#stderr_lines[@]} = 2 ]
}

@test "ns-unshare: --no-TYPE is refused without --all, and beside what makes that type" {
	local type no with
	for type in "${types[@]}"; do
		no=--no-$(option "$type")
		refused "option '$no': needs '--all'" "$no"
		refused "option '$no': cannot stand beside '--$(option "$type")'" -a "$no" "-$(letter "$type")"
		refused "option '$no': takes no value" -a "$no=x"
	done
	while read -r no with; do
		# shellcheck disable=SC2086  # words
		refused "option '$no': cannot stand beside an option that implies '--${no#--no-}'" -a $no $with
	done <<-END
		--no-user -r
		--no-user --map-users=all
		--no-mount --mount-proc
		--no-mount --mount-sys
		--no-mount --root=/ --pivot
		--no-pid --init
		--no-uts --hostname=blue
		--no-uts --domainname=blue
	END
	refused "option '--monotonic': needs '--time'" -a --no-time --monotonic=1
	refused "option '--no-mount-proc': needs '--all'" -rp --no-mount-proc
	refused "option '--no-mount-proc': cannot stand beside '--mount-proc'" -a --no-mount-proc --mount-proc
}

# A kernel without time namespaces, as far as the tool can see.
without_time=(strace -f -o /dev/null -P /proc/self/ns/time
	-e 'inject=?access,faccessat,?faccessat2:error=ENOENT' filter EINVAL time)

@test "ns-unshare: --all leaves out a type that the kernel lacks, with a note" {
	requires proc timens cmd strace
	bound+=("${without_time[@]}")
	run -0 --separate-stderr "${bound[@]}" ns-unshare -a sh -c 'readlink /proc/self/ns/time; id -u'
	[ "${lines[*]}" = "$(ns time) 0" ]
	[ "$stderr" = 'ns-unshare: note: this kernel has no time namespaces; they are left out' ]
	gives "$(ns time)" -a --no-time readlink /proc/self/ns/time
	refused 'cannot create namespaces \(user time\): this kernel has no time namespaces' -rT
	[ ${#stderr_lines[@]} = 1 ]
	refused "cannot create namespaces \(${types[*]}\): this kernel has no time namespaces" -aT
	[ ${#stderr_lines[@]} = 1 ]
}

@test "ns-unshare: --all fails where a type is refused, and tells how it works without" {
	requires proc
	local refused options tried=(net time 'net time' 'mnt uts ipc' cgroup pid)
	! probe_root || tried+=(user 'user net')
	for refused in "${tried[@]}"; do
		options=$(for type in $refused; do printf ' --no-%s' "$(option "$type")"; done)
		# shellcheck disable=SC2206  # words
		bound=(timeout -k 1 30 filter $refused)
		refused "cannot create namespaces \(${types[*]}\): Operation not permitted" -a
		[ "${stderr_lines[1]}" = "ns-unshare: hint: a filter of system calls (seccomp) refuses ${refused// /, } here; add$options" ]
		[ ${#stderr_lines[@]} = 2 ]
		# shellcheck disable=SC2086  # words
		gives 0 -a $options id -u
	done
	bound=(timeout -k 1 30 filter net time)
	refused 'cannot create namespaces \(user mnt net time\): Operation not permitted' -rmnT
	[[ ${stderr_lines[1]} == *": hint: a filter of system calls (seccomp) refuses net, time here; if "* ]]
	bound=(timeout -k 1 30 filter "${types[@]}")
	refused "cannot create namespaces \(${types[*]}\): Operation not permitted" -a
	[[ ${stderr_lines[1]} == *": hint: a filter of system calls (seccomp) refuses user, mnt, "*" here; if it is a container's, "* ]]
}

# limit TYPE NUMBER [COMMAND...] - from now on the tool runs below such a limit, and COMMAND
limit() {
	bound=(timeout -k 1 30 unshare -Ur sh -ec 'echo "$1" >"/proc/sys/user/max_$0_namespaces"
		shift; exec "$@"' "$@")
}

@test "ns-unshare: a limit of 0 is named, with the option that avoids it" {
	requires proc
	local type hint
	for type in "${types[@]}"; do
		limit "$type" 0
		hint="raise it with 'sysctl user.max_${type}_namespaces=1000'"
		refused "cannot create namespaces \(${types[*]}\): No space left on device" -a
		[ "${stderr_lines[1]}" = "ns-unshare: hint: user.max_${type}_namespaces is 0; $hint, or add --no-$(option "$type")" ]
		gives 0 -a "--no-$(option "$type")" id -u
		refused "cannot create a new $type namespace: No space left on device" "--$(option "$type")"
		hints "$hint"
	done
}

@test "ns-unshare: the type whose limit is reached is named" {
	requires proc
	local type
	for type in net uts ipc; do
		limit "$type" 1 unshare "--$type"
		refused "cannot create namespaces \(${types[*]}\): No space left on device" -a
		hints "end what you do not need, or raise it, or add --no-$type"
		limit "$type" 1 unshare "--$type"
		gives 0 -a "--no-$type" id -u
		limit "$type" 1 unshare "--$type"
		refused "cannot create a new $type namespace: No space left on device" "--$type"
		[[ ${stderr_lines[1]} == "ns-unshare: hint: a limit is reached: user.max_${type}_namespaces, "* ]]
	done
}

# --- Namespaces kept at files

@test "ns-unshare: --TYPE=FILE keeps the command's namespace at a file, which it makes" {
	requires root kernel 6.2
	local fork
	for fork in '' -f; do
		place_gives '' '
			for type in user mnt uts ipc net pid cgroup time; do
				option=$type
				[ $type != mnt ] || option=mount
				seen=$(ns-unshare '"$fork"' --$option=file readlink /proc/self/ns/$type)
				[ "$seen" = "$type:[$(stat -Lc %i file)]" ] || echo "$type: $seen"
				[ "$seen" != "$(readlink /proc/self/ns/$type)" ] || echo "$type: old"
				umount file
				[ -f file ] && [ ! -s file ] || echo "$type: no empty file"
				rm file
			done'
	done
}

@test "ns-unshare: --TYPE=FILE leaves the contents of a file that exists" {
	requires root
	place_gives 'text 640' '
		echo text >file
		chmod 640 file
		ns-unshare --uts=file --net=other true
		umount file other
		cat file
		stat -c %a file'
}

@test "ns-unshare: a kept namespace can be entered when the command has ended" {
	requires root
	place_gives 'kept mounted' '
		ns-unshare --hostname kept --uts=uts --mount=mnt mount -t tmpfs none /opt
		nsenter --uts=uts hostname
		nsenter --mount=mnt mountpoint -q /opt && echo mounted
		! mountpoint -q /opt'
}

@test "ns-unshare: kept namespaces belong to the kept user namespace" {
	requires root
	place_gives '0 0 4294967295 renamed' '
		ns-unshare --map-users=all --map-groups=all --user=user --uts=uts --net=net true
		nsenter --user=user --uts=uts sh -c "cat /proc/self/uid_map; hostname renamed; hostname"'
}

@test "ns-unshare: when the second file fails, the first is taken back and nothing is run" {
	requires root
	local fork
	for fork in '' -f; do
		run -125 --separate-stderr place "
			mkdir shared
			mount -t tmpfs none shared
			mount --make-shared shared
			tidy ns-unshare $fork --uts=uts --user=user --propagation=unchanged \
				--mount=shared/mnt echo ran"
		[ -z "$output" ]
		[[ $stderr == "ns-unshare: cannot keep the mnt namespace at 'shared/mnt': Invalid argument"* ]]
	done
}

@test "ns-unshare: when the command cannot be run, nothing is kept" {
	requires root
	local fork
	for fork in '' -f; do
		run -127 --separate-stderr place "tidy ns-unshare $fork --uts=uts --net=net --time=time nosuch"
		[ -z "$output" ]
		[ "$stderr" = "ns-unshare: cannot find command 'nosuch': it is in no directory of PATH" ]
		run -126 --separate-stderr place "tidy ns-unshare $fork --mount=mnt --pid=pid /tmp"
		[ -z "$output" ]
	done
}

@test "ns-unshare: when the set-up inside fails, nothing is kept" {
	requires root
	local arguments
	for arguments in --root=/missing --wd=/missing '-f --wd=/missing' '-p --mount-proc=/missing'; do
		run -125 --separate-stderr place "tidy ns-unshare --uts=uts --net=net $arguments echo ran"
		[ -z "$output" ]
	done
}

# Kill the tool, not its children, at each of its system calls but the very last.
@test "ns-unshare: killed between any two steps, it leaves no mount and no file" {
	requires root cmd strace
	place_gives '' '
		nothing_is_left() {
			! [ -e uts ] && ! [ -e mnt ] && ! grep -q " $PWD/" /proc/self/mountinfo
		}
		for fork in "" -f; do
			strace -o ../calls ns-unshare $fork --uts=uts --mount=mnt "$(type -P true)"
			umount uts mnt
			rm uts mnt
			# What follows the commit is the command'"'"'s own matter.
			sed "1d; /^sendto([0-9]*, \"c\"/q" ../calls | grep -o "^[a-z0-9_]*" |
			while read -r call; do
				seen=$(($(grep -cx "$call" ../seen 2>/dev/null) + 1))
				echo "$call" >>../seen
				[ "$call" != execve ] || seen=2
				[ "$call" != exit_group ] || continue
				( strace -o /dev/null -e "inject=$call:signal=KILL:when=$seen" \
					ns-unshare $fork --uts=uts --mount=mnt /bin/true ) 2>/dev/null
				wait_for nothing_is_left || {
					echo "$fork $call $seen"
					umount uts mnt
					rm -f uts mnt
				}
			done
			rm ../seen
		done 2>../noise'
}

# --- The command as a child

@test "ns-unshare: the command takes the tool's own place, and with --fork it is a child" {
	local option
	run -0 sh -c 'echo $$; exec ns-unshare -U sh -c "echo \$\$"'
	[ "${lines[0]}" = "${lines[1]}" ]
	for option in -f --fork --forward-signals --kill-child --kill-child=TERM; do
		run -0 sh -c 'echo $$; exec ns-unshare -U '$option' sh -c "echo \$PPID; echo \$\$"'
		[ "${lines[0]}" = "${lines[1]}" ]
		[ "${lines[0]}" != "${lines[2]}" ]
	done
	refused "option '--fork': takes no value" --fork=1
	refused "option '--forward-signals': takes no value" --forward-signals=1
}

@test "ns-unshare: with --pid the command is PID 1" {
	gives 1 "${root[@]}" -p sh -c 'echo $$'
	gives 1 "${root[@]}" --pid --fork sh -c 'echo $$'
}

@test "ns-unshare: with --no-fork, the command's first child is PID 1, and a warning says so" {
	local option
	for option in -F --no-fork; do
		run -0 --separate-stderr ns-unshare "${root[@]}" -p $option \
			sh -c 'echo $(($$ > 1)); sh -c "echo \$\$; exit" & wait'
		[ "${lines[*]}" = '1 1' ]
		[[ ${stderr_lines[0]} == "ns-unshare: warning: the command's first child is PID 1"* ]]
		[[ ${stderr_lines[1]} == "ns-unshare: hint: "*"; leave it out" ]]
		[ ${#stderr_lines[@]} = 2 ]
	done
	refused "option '--no-fork': takes no value" --no-fork=1
	refused "option '--no-fork': cannot stand beside '--fork'" -p -F -f
	refused "option '--no-fork': cannot stand beside '--kill-child'" -p -F --kill-child
	refused "option '--forward-signals': cannot stand beside '--no-fork'" --forward-signals -F
}

@test "ns-unshare: with --kill-child the command dies with the tool" {
	requires proc
	local arguments
	for arguments in -U --kill-child=TERM '-Ur -p' '-Urpm --mount-proc' '-r --setuid=0'; do
		# shellcheck disable=SC2086  # words
		start --kill-child $arguments
		kill -KILL "$tool"
		wait_for gone "$child"
	done
}

@test "ns-unshare: with --kill-child and --setuid the command dies with the tool" {
	requires root
	start --kill-child --setuid=65534 --setgid=65534
	kill -KILL "$tool"
	wait_for gone "$child"
	start --kill-child=HUP -p --setuid=65534 --setgid=65534
	kill -KILL "$tool"
	wait_for gone "$child"
}

@test "ns-unshare: without --kill-child the command outlives the tool" {
	mkfifo never
	ns-unshare -Uf sh -c 'trap ": >alive" USR1; echo $$ >pid; while :; do read -r line; done' <>never 3>&- &
	tool=$!
	disown
	wait_for test -s pid
	child=$(cat pid)
	started+=("$tool" "$child")
	kill -KILL "$tool"
	wait_for gone "$tool"
	kill -USR1 "$child"
	wait_for test -e alive
}

@test "ns-unshare: --kill-child refuses what is no signal" {
	local signal
	for signal in FOO 99 0 -1 '' SIG 9x KILLL; do
		refused "option '--kill-child': unknown signal '$signal'" --kill-child="$signal"
	done
}

@test "ns-unshare: signals reach the command, with --forward-signals and without" {
	local option code='trap "exit 7" TERM; : >ready; while :; do read -r line; done'
	mkfifo never
	for option in --fork --forward-signals; do
		rm -f ready
		ns-unshare -U $option sh -c "$code" <>never 3>&- &
		tool=$!
		started+=("$tool")
		wait_for test -e ready
		kill -TERM "$tool"
		wait_for gone "$tool"
		run -7 wait "$tool"
	done
}

# --- Files and directories

@test "ns-unshare: --mount-proc mounts the proc of the new PID namespace, for the command alone" {
	requires proc
	local before
	before=$(cat /proc/self/mountinfo)
	gives '1 sh' -rp --mount-proc sh -c 'read -r pid rest </proc/self/stat; echo $pid; cat /proc/1/comm'
	[ "$(cat /proc/self/mountinfo)" = "$before" ]
	run -0 ns-unshare -rp --mount-proc grep ' /proc ' /proc/self/mountinfo
	[[ ${lines[-1]} == *" /proc "*nosuid,nodev,noexec*" - proc proc "* ]]
}

@test "ns-unshare: --mount-proc=DIR mounts it there" {
	requires proc
	mkdir d
	gives 'sh old' -rp --mount-proc=d sh -c 'cat d/1/comm; [ -e /proc/'$$' ] && echo old'
	[ -z "$(ls d)" ]
	refused "cannot mount proc on 'd/missing': No such file or directory" -rp --mount-proc=d/missing
}

@test "ns-unshare: --mount-proc mounts inside the new root" {
	requires root
	place_gives 'sh' '
		mkdir jail
		mount --rbind / jail
		ns-unshare -p --root=jail --mount-proc=/mnt/work sh -c "cat /mnt/work/1/comm"
		! ls jail/mnt/work | grep 1'
}

# hints FIX - after "refused": the second line, the last, ends with this
hints() {
	[ ${#stderr_lines[@]} = 2 ]
	[[ ${stderr_lines[1]} == "ns-unshare: hint: "*"; $1" ]]
}

@test "ns-unshare: --mount-proc is refused where the kernel would, before anything is made" {
	requires cmd strace
	local old="would show the old pid namespace, to which" calls=unshare,clone3,setns,mount,fsopen,chroot
	refused "cannot mount proc on '/proc': it $old a new user namespace has no right" -r --mount-proc
	hints 'add --pid to make a new one too'
	refused "cannot mount proc on '/mnt': it $old .*" -a --no-pid --mount-proc=/mnt
	hints 'leave out --no-pid to make a new one too'
	refused "cannot mount proc on '/proc': it $old a new user namespace has no right" -rp --no-fork --mount-proc
	hints 'leave out --no-fork'
	run -125 "${bound[@]}" strace -f -o calls -e trace=$calls ns-unshare -r --mount-proc echo ran
	run ! grep -E 'unshare|clone|setns|mount|fsopen|chroot' calls
	bound+=(unshare -Ur)
	refused "cannot mount proc on '/proc': it $old your user namespace has no right" --mount-proc
	hints 'add --pid to make a new one too'
	refused "cannot mount proc on '/proc': it $old your user namespace has no right" -p -F --mount-proc
	hints 'leave out --no-fork'
}

@test "ns-unshare: --mount-proc without --pid works with a warning where the PID namespace is ours" {
	requires proc
	run -0 --separate-stderr unshare -Urpf --mount-proc \
		"${bound[@]}" ns-unshare --mount-proc sh -c 'stat -fc %T /proc; echo $(($$ > 1))'
	[ "${lines[*]}" = 'proc 1' ]
	[ "$stderr" = 'ns-unshare: warning: this proc shows the old PID namespace; see --pid' ]
	probe_root || return 0
	run -0 --separate-stderr place 'ns-unshare --mount-proc test -d /proc/$$; echo $?'
	[ "$output" = 0 ]
	[ "$stderr" = 'ns-unshare: warning: this proc shows the old PID namespace; see --pid' ]
}

@test "ns-unshare: where /proc is covered in part, a refused --mount-proc names the cover" {
	requires proc
	local hint="hint: '/proc/sys' is covered by a mount, and the kernel makes no other /proc that would show more"
	bound+=(unshare -Urm sh -ec 'mount -t tmpfs none /proc/sys; exec "$@"' sh)
	refused "cannot mount proc on '/proc': Operation not permitted" -rp --mount-proc
	[ "${stderr_lines[1]}" = "ns-unshare: $hint; unmount that" ]
	refused "cannot mount proc on '/proc': Operation not permitted" -a
	[ "${stderr_lines[1]}" = "ns-unshare: $hint; add --no-mount-proc" ]
	gives 0 -a --no-mount-proc id -u
}

@test "ns-unshare: --mount-proc never reaches the outside, whatever the propagation" {
	requires root
	local mode
	for mode in private slave shared unchanged; do
		place_gives '1' '
			mount --make-rshared /
			before=$(cat /proc/self/mountinfo)
			ns-unshare -p --propagation='$mode' --mount-proc sh -c "echo \$\$"
			[ "$before" = "$(cat /proc/self/mountinfo)" ]'
	done
}

probe_sys()	{ unshare -Urmn mount -t sysfs none /sys 2>/dev/null; }

@test "ns-unshare: --mount-sys shows the new network namespace, and the cgroups as before" {
	requires proc sys
	local before cgroups
	before=$(cat /proc/self/mountinfo)
	cgroups=$(ls /sys/fs/cgroup)
	gives lo -a --mount-sys ls /sys/class/net
	gives lo -rn --mount-sys ls /sys/class/net
	run -0 "${bound[@]}" ns-unshare -a --mount-sys ls /sys/fs/cgroup
	[ "$output" = "$cgroups" ]
	mkdir d
	gives 'lo old' -a --mount-sys=d sh -c 'ls d/class/net; [ "$(ls /sys/class/net)" = lo ] || echo old'
	[ -z "$(ls d)" ]
	[ "$(cat /proc/self/mountinfo)" = "$before" ]
	refused "cannot mount sysfs on 'missing': No such file or directory" -rn --mount-sys=missing
}

@test "ns-unshare: --mount-sys is refused where the kernel would, before anything is made" {
	local old='it would show the old net namespace, to which'
	refused "cannot mount sysfs on '/sys': $old a new user namespace has no right" -r --mount-sys
	hints 'add --net to make a new one too'
	refused "cannot mount sysfs on '/sys': $old a new user namespace has no right" -a --no-net --mount-sys
	hints 'leave out --no-net to make a new one too'
	bound+=(unshare -Ur)
	refused "cannot mount sysfs on '/sys': $old your user namespace has no right" --mount-sys
	hints 'add --net to make a new one too'
}

@test "ns-unshare: where /sys is covered in part, a refused --mount-sys names the cover" {
	requires proc sys
	bound+=(unshare -Urm sh -ec 'mount -t tmpfs none /sys/kernel; exec "$@"' sh)
	refused "cannot mount sysfs on '/sys': Operation not permitted" -a --mount-sys
	[ "${stderr_lines[1]}" = "ns-unshare: hint: '/sys/kernel' is covered by a mount, and the kernel makes no other /sys that would show more; unmount that" ]
}

@test "ns-unshare: --mount-sys as root, with --net, and with a warning without" {
	requires root
	run -0 --separate-stderr place 'ns-unshare -n --mount-sys ls /sys/class/net'
	came lo
	run -0 --separate-stderr place 'ns-unshare --mount-sys ls /sys/class/net | cmp - <(ls /sys/class/net)'
	[ -z "$output" ]
	[ "$stderr" = 'ns-unshare: warning: this sysfs shows the old network namespace; see --net' ]
}

@test "ns-unshare: --mount-sys never reaches the outside, whatever the propagation" {
	requires root
	local mode
	for mode in private slave shared unchanged; do
		place_gives 'lo' '
			mount --make-rshared /
			before=$(cat /proc/self/mountinfo)
			ns-unshare -n --propagation='$mode' --mount-sys ls /sys/class/net
			[ "$before" = "$(cat /proc/self/mountinfo)" ]'
	done
}

@test "ns-unshare: --mount-binfmt gives the user namespace a binfmt_misc of its own" {
	requires proc binfmt kernel 6.7
	gives 'register status' -rp --mount-binfmt ls /proc/sys/fs/binfmt_misc
	mkdir d
	gives 'register status' -rp --mount-proc --mount-binfmt=d ls d
	[ -z "$(ls d)" ]
	refused "cannot mount binfmt_misc on 'missing': No such file or directory" -rp --mount-binfmt=missing
}

@test "ns-unshare: --load-interp registers an interpreter, inside alone" {
	requires proc binfmt kernel 6.7
	local option
	script handler 'echo handled $1'
	printf 'MYMAGIC1' >file
	chmod 755 file
	for option in -l --load-interp; do
		gives 'handled ./file' -rp $option ":own:M::MYMAGIC1::$PWD/handler:" ./file
	done
	[ ! -e /proc/sys/fs/binfmt_misc/own ]
	refused "cannot register the interpreter ':own:M:': .*" -rp -l :own:M:
}

@test "ns-unshare: --load-interp with the flag F takes the interpreter from outside the new root" {
	requires root proc binfmt kernel 6.7
	place_gives 'old /mnt/file' '
		cp "$(type -P echo)" interpreter
		mkdir jail
		mount --bind / jail
		mount -t tmpfs none jail/mnt
		printf MYMAGIC1 >jail/mnt/file
		chmod 755 jail/mnt/file
		echo old $(ns-unshare -rp --root=jail -l ":own:M::MYMAGIC1::$PWD/interpreter:F" /mnt/file)
		! ns-unshare -rp --root=jail -l ":own:M::MYMAGIC1::$PWD/interpreter:" /mnt/file 2>../said'
}

# The mount "m" as the command sees it: shared:N, master:N or nothing.
propagation_of_m='sed -n "s,.* $PWD/m rw[^ ]* \(.*\)- .*,\1,p" /proc/self/mountinfo | sed "s/[0-9]\+/N/g"'

@test "ns-unshare: --propagation sets that of the command's mounts, private by default" {
	requires root
	local mode wanted
	for mode in '' private slave shared unchanged; do
		case $mode in
		'' | private) wanted='' ;;
		slave) wanted='master:N' ;;
		*) wanted='shared:N' ;;
		esac
		place_gives "${wanted:+$wanted }shared:N" '
			mkdir m
			mount -t tmpfs none m
			mount --make-shared m
			ns-unshare -m '${mode:+--propagation=$mode}' sh -c '"'$propagation_of_m'"'
			'"$propagation_of_m"
	done
}

@test "ns-unshare: --propagation decides which mounts go in and out" {
	requires root
	local mode wanted
	for mode in private slave shared unchanged; do
		case $mode in
		private) wanted='not in, not out' ;;
		slave) wanted='in, not out' ;;
		*) wanted='in, out' ;;
		esac
		place_gives "$wanted" '
			mkdir m
			mount -t tmpfs none m
			mount --make-shared m
			mkdir m/in m/out
			mkfifo go
			ns-unshare -m --propagation '$mode' sh -c "mount -t tmpfs none m/out; : >m/ready
				read -r line <go; mountpoint -q m/in && echo in, || echo not in," &
			wait_for test -e m/ready
			mount -t tmpfs none m/in
			echo >go
			wait
			mountpoint -q m/out && echo out || echo not out'
	done
	refused "option '--propagation': 'sideways' is none of .*" --propagation=sideways
}

@test "ns-unshare: no mount of an ordinary user's goes out" {
	requires user
	local mode before
	before=$(cat /proc/self/mountinfo)
	mkdir m
	for mode in private slave shared unchanged; do
		gives tmpfs -rm --propagation=$mode sh -c \
			'mount -t tmpfs none m; stat -fc %T m'
		[ "$(cat /proc/self/mountinfo)" = "$before" ]
	done
}

@test "ns-unshare: --root changes the root directory and goes there" {
	local option
	for option in -R --root; do
		place_gives "/ here" '
			ns-unshare '"${root[*]}"' -m sh -c "mkdir jail; mount --rbind / jail; : >jail$PWD/here
				exec ns-unshare '$option' jail sh -c \"pwd; cd $PWD; ls here\""'
	done
	refused "cannot change root to 'missing': No such file or directory" "${root[@]}" --root=missing
}

@test "ns-unshare: --wd changes the working directory" {
	local option
	mkdir d
	for option in -w --wd; do
		gives "$(realpath d)" -U $option d pwd
		gives "$(realpath d)" -Uf $option d pwd
	done
	gives / -r --root=/ --wd=.. pwd
	gives /usr -r --root=/ --wd=usr pwd
	refused "cannot change directory to 'missing': No such file or directory" -U --wd=missing
}

# --- Users, groups and capabilities

@test "ns-unshare: --map-root-user maps the caller to root and denies setgroups" {
	local option
	for option in -r --map-root-user; do
		gives "0 $uid 1 0 $gid 1 deny" $option cat /proc/self/{uid_map,gid_map,setgroups}
		gives '0 0' $option -f sh -c 'id -u; id -g'
	done
	refused "option '--map-root-user': takes no value" --map-root-user=1
}

@test "ns-unshare: --map-current-user maps the caller to itself" {
	local option
	for option in -c --map-current-user; do
		gives "$uid $uid 1 $gid $gid 1 deny" $option cat /proc/self/{uid_map,gid_map,setgroups}
	done
	refused "option '--map-current-user': takes no value" --map-current-user=1
}

@test "ns-unshare: --map-user maps the caller to a number or a name" {
	gives "5 $uid 1 allow" --map-user=5 cat /proc/self/{uid_map,gid_map,setgroups}
	gives "0 $uid 1" --map-user=root cat /proc/self/uid_map
	gives "4294967294 $uid 1" --map-user 4294967294 cat /proc/self/uid_map
	gives "7 $uid 1 0 $gid 1" -r --map-user=7 cat /proc/self/{uid_map,gid_map}
	refused "option '--map-user': no such user 'nosuchuser'" --map-user=nosuchuser
}

@test "ns-unshare: --map-group maps the caller's group to a number or a name" {
	gives "5 $gid 1 deny" --map-group=5 cat /proc/self/{uid_map,gid_map,setgroups}
	gives "0 $gid 1" --map-group=root cat /proc/self/gid_map
	gives "0 $uid 1 7 $gid 1" -r --map-group=7 cat /proc/self/{uid_map,gid_map}
	refused "option '--map-group': no such group 'nosuchgroup'" --map-group=nosuchgroup
}

@test "ns-unshare: --map-users and --map-groups take ranges in both forms, several of them" {
	requires root
	gives '0 0 10 allow' --map-users=0:0:10 cat /proc/self/{uid_map,gid_map,setgroups}
	gives '0 100000 10' --map-users=100000,0,10 cat /proc/self/uid_map
	gives '0 0 10 10 200 5 4294967294 300 1' --map-users 0:0:10 --map-users=10:200:5 \
		--map-users=300,4294967294,1 cat /proc/self/uid_map
	gives '0 0 1 5 5 1 allow' --map-groups=0:0:1 --map-groups=5:5:1 cat /proc/self/{gid_map,setgroups}
	gives '0 0 4294967295' --map-users=0:0:4294967295 cat /proc/self/uid_map
}

@test "ns-unshare: one's own ID may be mapped as a range by everybody" {
	gives "3 $uid 1" --map-users=3:"$uid":1 cat /proc/self/uid_map
	gives "3 $uid 1" --map-users="$uid",3,1 cat /proc/self/uid_map
	gives "3 $gid 1" --map-groups=3:"$gid":1 cat /proc/self/gid_map
}

@test "ns-unshare: --map-users=all maps each ID to itself" {
	requires root
	gives '0 0 4294967295 0 0 4294967295' --map-users=all --map-groups=all cat /proc/self/{uid_map,gid_map}
	gives '0 0 10 20 20 5' --map-users=0:0:10 --map-users=20:200:5 \
		--map-groups=0:0:1 ns-unshare --map-users=all cat /proc/self/uid_map
}

@test "ns-unshare: --map-user cuts its ID out of the ranges" {
	requires root
	gives '5 0 1 0 100000 5 6 100005 4' --map-user=5 --map-users=0:100000:10 cat /proc/self/uid_map
	gives '10 0 1 0 100000 10' --map-user=10 --map-users=0:100000:10 cat /proc/self/uid_map
	gives '0 0 1 1 100000 9' -r --map-users=0:100000:10 cat /proc/self/uid_map
	gives '9 0 1 0 100000 9' --map-user=9 --map-users=0:100000:10 cat /proc/self/uid_map
	gives '5 0 1 0 1 5 6 6 4' --map-group=5 --map-groups=0:0:10 cat /proc/self/gid_map
}

@test "ns-unshare: --map-auto maps the caller's first subordinate block from 0" {
	requires root
	place_gives '0 100000 65536 0 100000 65536 allow' '
		subids alice:5:5 root:100000:65536 root:300000:5
		ns-unshare --map-auto cat /proc/self/{uid_map,gid_map,setgroups}'
	place_gives '0 7000 10 0 0 1' '
		subids 0:7000:10
		ns-unshare --map-users=auto --map-groups=0:0:1 cat /proc/self/{uid_map,gid_map}'
	refused "option '--map-auto': takes no value" --map-auto=1
}

@test "ns-unshare: --map-auto leaves room for the ID of --map-user" {
	requires root
	place_gives '0 0 1 1 100000 10' '
		subids root:100000:10
		ns-unshare -r --map-auto cat /proc/self/uid_map'
	place_gives '5 0 1 0 100000 5 6 100005 5' '
		subids root:100000:10
		ns-unshare --map-user=5 --map-auto cat /proc/self/uid_map'
}

@test "ns-unshare: --map-subids maps the caller's subordinate IDs to themselves" {
	requires root
	place_gives '100000 100000 65536 100000 100000 65536' '
		subids alice:5:5 root:100000:65536
		ns-unshare --map-subids cat /proc/self/{uid_map,gid_map}'
	place_gives '100000 100000 65536' '
		subids root:100000:65536
		ns-unshare --map-users=subids cat /proc/self/uid_map'
	refused "option '--map-subids': takes no value" --map-subids=1
}

@test "ns-unshare: an ordinary user's ranges are mapped by newuidmap and newgidmap" {
	requires root newuidmap
	place_gives '0 100000 65536 0 100000 65536 allow' '
		subids plain:100000:65536
		as_user ns-unshare --map-auto cat /proc/self/{uid_map,gid_map,setgroups}'
	place_gives '0 65534 1 1 100000 65536 0 65534 1 1 100000 65536 0' '
		subids plain:100000:65536
		as_user ns-unshare -r --map-auto sh -c "cat /proc/self/uid_map /proc/self/gid_map; id -u"'
	place_gives '100000 100000 65536' '
		subids 65534:100000:65536
		as_user ns-unshare --map-subids cat /proc/self/uid_map'
	place_gives '0 65534 1 1 100000 10 50 100500 2' '
		subids plain:100000:65536
		as_user ns-unshare --map-users=0:65534:1 --map-users=1:100000:10 --map-users=50:100500:2 \
			cat /proc/self/uid_map'
}

@test "ns-unshare: in ranges of newuidmap's, files of other IDs can be made" {
	requires root newuidmap
	place_gives '100004 100006' '
		subids plain:100000:65536
		as_user ns-unshare -r --map-auto sh -c ": >x; chown 5:7 x" || echo failed
		stat -c "%u %g" x'
}

@test "ns-unshare: an ordinary user without subordinate IDs is refused" {
	requires root
	run -125 --separate-stderr place 'subids; as_user ns-unshare --map-auto echo ran'
	[ -z "$output" ]
	[ "${stderr_lines[0]}" = "ns-unshare: cannot map users: no subordinate user IDs for 'plain' in /etc/subuid" ]
}

@test "ns-unshare: --owner makes that user the owner of the user namespace" {
	requires root
	place_gives '1000 1000 1000 entered' '
		ns-unshare --owner=1000:1000 --map-users=all --map-groups=all --user=file -f sh -c "id -u; id -g; id -G"
		setpriv --reuid=1000 --regid=1000 --clear-groups nsenter --preserve-credentials --user=file echo entered
		setpriv --reuid=1001 --regid=1001 --clear-groups nsenter --preserve-credentials --user=file echo entered 2>/dev/null || :'
}

@test "ns-unshare: --owner is refused to an ordinary user" {
	requires user
	refused 'cannot .*: Operation not permitted' --owner="$uid:$gid"
}

@test "ns-unshare: --setgroups allows or denies setgroups(2)" {
	requires root
	gives allow -U --setgroups=allow cat /proc/self/setgroups
	gives deny -U --setgroups deny cat /proc/self/setgroups
	gives deny --map-users=all --map-groups=all --setgroups=deny cat /proc/self/setgroups
	gives allow --map-users=all --map-groups=all --setgroups=allow cat /proc/self/setgroups
}

@test "ns-unshare: --setgroups=allow is refused with one's own group alone mapped" {
	gives deny -U --setgroups=deny cat /proc/self/setgroups
	gives deny -r --setgroups=deny cat /proc/self/setgroups
	refused "option '--setgroups': 'allow' is not possible .*" -r --setgroups=allow
	refused "option '--setgroups': 'never' is none of allow, deny" -U --setgroups=never
}

@test "ns-unshare: --setuid and --setgid run the command as another user" {
	requires root
	gives '65534 5 5' -S 65534 -G 5 sh -c 'id -u; id -g; id -G'
	gives '65534 5 5' -f --setuid=65534 --setgid=5 sh -c 'id -u; id -g; id -G'
	gives '3 4 4' --map-users=0:0:10 --map-groups=0:0:10 -S 3 -G 4 sh -c 'id -u; id -g; id -G'
	gives '5 5' -G 5 sh -c 'id -g; id -G'
	run -0 setpriv --groups 7,8 ns-unshare -G 5 id -G
	[ "$output" = 5 ]
	gives '65534 65534 65534 65534' -S 65534 -G 5 sed -n 's/^Uid://p' /proc/self/status
}

@test "ns-unshare: --setuid and --setgid without privilege are refused" {
	requires user
	gives 0 -r --setuid 0 id -u
	refused "cannot set user ID '0': Operation not permitted" --setuid 0
	refused 'cannot drop the supplementary groups: Operation not permitted' --setgid 0
	refused "cannot set user ID '1': not mapped in the new user namespace" -r --setuid 1
}

capabilities='sed -n "s/^Cap\(Inh\|Prm\|Eff\|Amb\)://p" /proc/self/status'

@test "ns-unshare: --keep-caps keeps all capabilities of the user namespace" {
	local full
	full=$(printf '%016x' $(((1 << ($(cat /proc/sys/kernel/cap_last_cap) + 1)) - 1)))
	gives "$full $full $full $full" -c --keep-caps sh -c "$capabilities"
	gives "$full $full $full $full" --map-user=1000 -f --keep-caps sh -c "$capabilities"
	refused "option '--keep-caps': takes no value" --keep-caps=1
}

@test "ns-unshare: without --keep-caps a user namespace's command has none unless it is root" {
	local none=0000000000000000 inherited
	inherited=$(sed -n 's/^CapInh:\t//p' /proc/self/status)
	gives "$inherited $none $none $none" --map-user=1000 sh -c "$capabilities"
	run -0 ns-unshare -r sed -n 's/^CapAmb:\t//p' /proc/self/status
	[ "$output" = $none ]
}

# Inheritable, permitted, effective, bounding, ambient
all_sets='sed -n "s/^Cap...://p" /proc/self/status'
every=$(((1 << ($(cat /proc/sys/kernel/cap_last_cap) + 1)) - 1))
kill=$((1 << 5)) net_admin=$((1 << 12)) sys_admin=$((1 << 21))

# has_sets INHERITABLE PERMITTED BOUNDING AMBIENT ARGUMENT... - those of the command; effective is permitted
has_sets() {
	local wanted
	wanted=$(printf '%016x %016x %016x %016x %016x' "$1" "$2" "$2" "$3" "$4")
	shift 4
	gives "$wanted" "$@" sh -c "$all_sets"
}

@test "ns-unshare: --caps leaves these capabilities and no others, in every set" {
	local list set option
	while read -r list set; do
		has_sets $((set)) $((set)) $((set)) $((set)) -r --caps="$list"
		has_sets $((set)) $((set)) $((set)) $((set)) -c -f --caps="$list"
	done <<-END
		kill kill
		CAP_KILL kill
		net_admin,Cap_Kill net_admin|kill
		none,Sys_Admin sys_admin
		none 0
		ALL every
	END
	has_sets $kill $kill $kill $kill -r --caps=none --caps=kill
	has_sets $kill $kill $kill $kill -a --caps=net_admin,kill --drop-caps=net_admin
	has_sets $kill $kill $kill $kill -c --keep-caps --caps=kill
	for option in --caps --drop-caps; do
		refused "option '$option': no such capability: 'nosuch'" -r $option=nosuch
		refused "option '$option': no such capability: '12'" -r $option=kill,12
		refused "option '$option': no such capability: ''" -r $option=
		refused "option '$option': no such capability: ''" -r $option=kill,,net_admin
		refused "option '$option': no such capability: 'cap_'" -r $option=cap_
		refused "option '$option': no such capability: 'kill '" -r $option='kill '
	done
}

@test "ns-unshare: --drop-caps takes these capabilities from every set" {
	local left=$((every & ~kill & ~net_admin))
	has_sets 0 $left $left 0 -r --drop-caps=CAP_KILL,net_admin
	has_sets 0 $left $left 0 -a --drop-caps=kill --drop-caps=Net_Admin
	has_sets 0 0 0 0 -r --drop-caps=all
	has_sets 0 $every $every 0 -r --drop-caps=none
	has_sets $left $left $left $left -c --keep-caps --drop-caps=net_admin,kill
	probe_root || has_sets 0 0 $left 0 -c --drop-caps=net_admin,kill
}

@test "ns-unshare: --caps and --drop-caps with --setuid" {
	requires root
	local bounding=$((0x$(sed -n 's/^CapBnd:\t//p' /proc/self/status))) all=--map-users=all
	for other in "-S 65534 -G 65534" "-S 65534 -G 65534 -f" "-S 5 -G 5 $all ${all/users/groups}"; do
		# shellcheck disable=SC2086  # words
		has_sets $kill $kill $kill $kill $other --caps=kill
	done
	has_sets 0 0 $((bounding & ~kill)) 0 -S 65534 -G 65534 --drop-caps=kill
	has_sets 0 $((bounding & ~kill)) $((bounding & ~kill)) 0 --drop-caps=kill
	has_sets 0 0 0 0 -S 65534 -G 65534 --caps=none
	gives '65534 65534' -S 65534 -G 65534 --caps=kill sh -c 'id -u; id -G'
}

@test "ns-unshare: what --caps and --drop-caps took does not come back by a set-user-ID program" {
	requires root
	local bounding=$((0x$(sed -n 's/^CapBnd:\t//p' /proc/self/status))) options
	while read -r options; do
		place_gives "$(printf '%016x' $((bounding & ~kill)))" '
			cp "$(type -P grep)" setuid
			chmod 4755 setuid
			has() { ns-unshare -S 65534 -G 65534 "$@" ./setuid CapEff: /proc/self/status; }
			[ $((0x$(has | cut -f 2) & '$kill')) = '$kill' ] || echo a set-user-ID program gains nothing here
			has '"$options"' | cut -f 2'
	done <<-END
		--drop-caps=kill
		--caps=all --drop-caps=kill
	END
	place_gives '0 65534' '
		cp "$(type -P id)" setuid
		chmod 4755 setuid
		ns-unshare -S 65534 -G 65534 ./setuid -u
		ns-unshare -S 65534 -G 65534 --no-new-privs ./setuid -u'
	gives "$(printf '%016x' $((every & ~kill)))" -r --drop-caps=kill \
		sh -c 'exec setpriv sh -c '"'sed -n \"s/^CapEff://p\" /proc/self/status'"
}

@test "ns-unshare: --caps of a capability that one does not have is refused" {
	bound+=(unshare -Ur setpriv --bounding-set=-sys_admin,-kill)
	refused "cannot keep 'CAP_SYS_ADMIN': you do not have it" --caps=sys_admin
	refused "cannot keep 'CAP_KILL\|CAP_SYS_ADMIN': you do not have it" --caps=sys_admin,kill,net_admin
	gives "$(printf '%016x' $((every & ~sys_admin & ~kill)))" --caps=all sed -n 's/^CapPrm:\t//p' /proc/self/status
	gives '' --drop-caps=sys_admin true
}

@test "ns-unshare: an ordinary user without --user is told what --caps and --drop-caps need" {
	requires user
	local option
	for option in --caps=none --caps=kill --drop-caps=kill --drop-caps=all; do
		refused 'cannot limit the capabilities: Operation not permitted' $option
		[ "${stderr_lines[1]}" = "ns-unshare: hint: you lack CAP_SETPCAP here; add --map-root-user (-r) to be root in a user namespace of your own" ]
	done
}

@test "ns-unshare: --no-new-privs sets no_new_privs" {
	local state=(sed -n 's/^NoNewPrivs:\t//p' /proc/self/status)
	gives 0 -U "${state[@]}"
	gives 1 --no-new-privs "${state[@]}"
	gives 1 -rf --no-new-privs "${state[@]}"
	gives 1 -r --no-new-privs --drop-caps=kill "${state[@]}"
	refused "option '--no-new-privs': takes no value" --no-new-privs=1
}

@test "ns-unshare: --setuid without --setgid warns root once that the groups are kept" {
	if probe_root; then
		local options
		bound+=(setpriv --regid=5 --groups=6,7)
		for options in '' -f -m '-p --init'; do
			# shellcheck disable=SC2086  # words
			run -0 --separate-stderr "${bound[@]}" ns-unshare $options --setuid=65534 id -G
			[ "$output" = '5 6 7' ]
			[ "$stderr" = 'ns-unshare: warning: group 5 and the supplementary groups are kept; see --setgid' ]
		done
		gives 5 --setuid=65534 --setgid=5 id -G
		gives '5 6 7' --setuid=0 id -G
	else
		gives "$uid" --setuid="$uid" id -u
		gives 0 -r --setuid=0 id -u
	fi
}

# --- Clocks, network, host name, environment

@test "ns-unshare: --monotonic and --boottime set the clocks of the new time namespace" {
	requires timens
	gives 'monotonic 1000 0 boottime -3 0' "${root[@]}" -T -f --monotonic=1000 --boottime=-3 \
		sed 's/  */ /g' /proc/self/timens_offsets
	gives 'monotonic 0 0 boottime 7 0' "${root[@]}" -T --boottime 7 sed 's/  */ /g' /proc/self/timens_offsets
	refused "option '--monotonic': not a valid number of seconds: '1x', nor a duration, as '1d12h'" \
		"${root[@]}" -T --monotonic=1x
	refused "option '--boottime': needs '--time'" "${root[@]}" --boottime=1
}

@test "ns-unshare: --monotonic and --boottime take durations" {
	requires timens
	local value seconds
	while read -r value seconds; do
		gives "monotonic $seconds 0 boottime 0 0" "${root[@]}" -T "--monotonic=$value" \
			sed 's/  */ /g' /proc/self/timens_offsets
		gives "monotonic 0 0 boottime $seconds 0" -a "--boottime=$value" \
			sed 's/  */ /g' /proc/self/timens_offsets
	done <<-END
		1w2d3h4m5s 788645
		+1d12h 129600
		-30s -30
		-1m5s -65
		90m 5400
		0w 0
		+7 7
	END
	for value in 1d12 12h1d 1d1d 1.5h 1H d + - '' -+1 '1 d' 1h-5m == = 99999999999999999999w \
		15250284452472w; do
		refused "option '--boottime': not a valid number of seconds: '${value//+/\\+}', nor a duration, as '1d12h'" \
			-aT "--boottime=$value"
	done
}

# begins_with MONOTONIC BOOTTIME ARGUMENT... - a few seconds later, at most
begins_with() {
	local from=("$1" "$2") clocks i
	shift 2
	run -0 --separate-stderr "${bound[@]}" ns-unshare "$@" inside clocks
	read -ra clocks <<<"$output"
	for i in 0 1; do
		[ $((clocks[i] - from[i])) -ge 0 ] && [ $((clocks[i] - from[i])) -le 10 ]
	done
	[ -z "$stderr" ]
}

@test "ns-unshare: --monotonic==0 begins at zero, and ==1d at a day" {
	requires timens
	local uptime monotonic boottime clock taken
	for clock in monotonic boottime; do
		read -r monotonic boottime <<<"$(inside clocks)"
		taken=$("${bound[@]}" ns-unshare "${root[@]}" -T --$clock==0 \
			awk "/$clock/ { print -\$2 - (\$3 > 0) }" /proc/self/timens_offsets)
		[ "$taken" -ge "${!clock}" ]
		read -r monotonic boottime <<<"$(inside clocks)"
		[ "$taken" -le "${!clock}" ]
	done
	read -r monotonic boottime <<<"$(inside clocks)"
	begins_with 0 0 "${root[@]}" -T --monotonic==0 --boottime==0
	begins_with 0 "$boottime" "${root[@]}" -T -f --monotonic==0
	begins_with "$monotonic" 86400 -a --boottime==1d
	begins_with 788645 5 -a --monotonic==1w2d3h4m5s --boottime==5
	bound+=(unshare -UrTf --monotonic=-5 --boottime=1000000)
	begins_with 0 0 -T --monotonic==0 --boottime==0
	uptime=$("${bound[@]}" ns-unshare -T -f --boottime==1d cut -d. -f1 /proc/uptime)
	[ $((uptime - 86400)) -ge 0 ] && [ $((uptime - 86400)) -le 10 ]
}

@test "ns-unshare: a time below zero is refused before anything is made, with the range" {
	requires timens cmd strace
	local boottime least clock
	read -r _ boottime <<<"$(inside clocks)"
	for clock in --monotonic --boottime; do
		refused "option '$clock': time out of range: '=-1'" "${root[@]}" -T $clock==-1
		hints 'the time may be 0 to 4611686018 seconds'
		refused "option '$clock': offset out of range: '-1000d'" -a $clock=-1000d
		[[ ${stderr_lines[1]} =~ ^"ns-unshare: hint: the clock can be neither negative nor past 146 years; the offset may be -"([0-9]+)" to "[0-9]+" seconds"$ ]]
		least=${BASH_REMATCH[1]}
		[ $((least - boottime)) -ge -10 ] && [ $((least - boottime)) -le 10 ]
		gives 1 "${root[@]}" -T $clock=-"$least" sh -c 'echo 1'
		run -125 "${bound[@]}" strace -f -o calls -e trace=unshare,mount ns-unshare -a $clock==-1 echo ran
		run ! grep -E 'unshare|mount' calls
	done
	refused "option '--monotonic': needs '--time'" "${root[@]}" --monotonic==0
}

@test "ns-unshare: the command's uptime has the offset of --boottime" {
	requires timens
	local before inside
	read -r before _ </proc/uptime
	inside=$(ns-unshare "${root[@]}" -T -f --boottime=1000000 sed 's/ .*//' /proc/uptime)
	[ $((${inside%.*} - ${before%.*})) -ge 1000000 ]
	[ $((${inside%.*} - ${before%.*})) -le 1000100 ]
}

@test "ns-unshare: offsets count from the host's clock, also within a time namespace" {
	requires timens
	local uptime
	read -r uptime _ </proc/uptime
	gives 'boottime 7 0' -rT --boottime 1000000 -f ns-unshare -T --boottime 7 \
		sed -n 's/  */ /g; /boottime/p' /proc/self/timens_offsets
	run -125 --separate-stderr ns-unshare -rT --boottime 1000000 -f ns-unshare -T --boottime=-$((${uptime%.*} + 1000)) true
	[[ ${stderr_lines[0]} == "ns-unshare: option '--boottime': offset out of range: "* ]]
}

loopback='(: </dev/tcp/127.0.0.1/9) 2>&1 | grep -oE "refused|unreachable" | head -n 1'

@test "ns-unshare: lo is up in a new network namespace, and down with --no-loopback" {
	gives refused "${root[@]}" -n bash -c "$loopback"
	gives refused "${root[@]}" -n -f bash -c "$loopback"
	gives unreachable "${root[@]}" -n --no-loopback bash -c "$loopback"
	refused "option '--no-loopback': takes no value" --no-loopback=1
}

@test "ns-unshare: lo has its IPv6 address, too" {
	requires ipv6
	gives '00000000000000000000000000000001 lo' "${root[@]}" -n \
		sed 's/ .* / /' /proc/net/if_inet6
}

@test "ns-unshare: --hostname and --domainname set the names of a new UTS namespace" {
	local before option file name long
	before=$(cat /proc/sys/kernel/{hostname,domainname})
	long=$(printf '%064d' 0)
	for option in --hostname --domainname; do
		file=/proc/sys/kernel/${option#--}
		for name in blue "$long" a/b 'blåbær' "$(printf 'é%.0s' {1..32})"; do
			gives "$name" "${root[@]}" "$option=$name" cat "$file"
		done
		gives blue "${root[@]}" -f $option blue cat "$file"
		gives blue -a $option blue cat "$file"
		[ "$(changed "${root[@]}" $option=blue | grep -v user)" = uts ]
		refused "option '$option': the name is empty" "${root[@]}" $option=
		refused "option '$option': the name is 65 bytes long, the limit is 64" "${root[@]}" "$option=0$long"
		refused "option '$option': the name is 66 bytes long, the limit is 64" \
			"${root[@]}" "$option=$(printf 'é%.0s' {1..33})"
		for name in 'a b' ' ' $'a\nb' $'a\tb' $'\e[1m' $'a\x7f' $'a\u0080b' $'a\u0085b' $'a\u009f' $'a\x85b' $'a\u00a0b' $'\xff'; do
			refused "option '$option': the name has a control character or white space, or is no UTF-8" \
				"${root[@]}" "$option=$name"
		done
	done
	gives 'blue green' "${root[@]}" --hostname=blue --domainname=green \
		cat /proc/sys/kernel/{hostname,domainname}
	[ "$(cat /proc/sys/kernel/{hostname,domainname})" = "$before" ]
}

@test "ns-unshare: --hostname and --domainname are refused to an ordinary user without a user namespace" {
	requires user
	refused 'cannot create a new uts namespace: Operation not permitted' --hostname=blue
	refused 'cannot create a new uts namespace: Operation not permitted' --domainname=blue
}

@test "ns-unshare: --clear-env empties the environment" {
	export MARK=x
	gives '' -U --clear-env env
	gives '' -Uf --clear-env env
	refused "option '--clear-env': takes no value" --clear-env=1
}

@test "ns-unshare: --whitelist-env leaves what is listed, and nothing else" {
	export MARK=x MARKS=y MAR=z OTHER='a b' EMPTY=
	gives 'MARK=x' -U --whitelist-env=MARK env
	gives 'EMPTY= MARK=x OTHER=a b' -U --whitelist-env=OTHER,MARK --whitelist-env=EMPTY sh -c 'env | grep -v PWD= | sort'
	gives 'MARK=x' -U --clear-env --whitelist-env=MARK env
	gives '' -U --whitelist-env= env
	refused "option '--whitelist-env': 'MARK=x' is not a list of variable names" -U --whitelist-env=MARK=x
}

# login UID - what --env=clean gives this user, sorted, with TERM=lamp
login() {
	local name=$1 home=/ shell=/bin/sh path=/usr/local/bin:/usr/bin:/bin entry
	[ "$1" != 0 ] ||
		name=root home=/root path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	IFS=: read -ra entry <<<"$(getent passwd "$1")"
	echo "HOME=${entry[5]:-$home} PATH=$path SHELL=${entry[6]:-$shell} TERM=lamp USER=${entry[0]:-$name}"
}

# env_is WANTED ARGUMENT... - the command's environment, sorted
env_is() {
	local wanted=$1
	shift
	run -0 --separate-stderr "${bound[@]}" ns-unshare "$@" env
	output=$(sort <<<"$output")
	came "$wanted"
}

@test "ns-unshare: --env=clean gives the environment of a login of the user inside" {
	requires proc
	local options clean
	export SECRET=x TERM=lamp HOME=/elsewhere SHELL=/elsewhere/sh PATH=$PATH:/elsewhere USER=nobody-else
	env_is "$(login "$uid")" --env=clean
	env_is "$(login "$uid")" -f --env clean
	for options in -r -a '-rp --fork'; do
		# shellcheck disable=SC2086  # words
		env_is "$(login 0)" $options --env=clean
	done
	env_is "$(login "$uid")" -c --env=clean
	env_is "$(login 4000000)" --map-user=4000000 --env=clean
	clean=$(login "$uid")
	env_is "${clean/ SHELL/ SECRET=x SHELL}" --env=clean --whitelist-env=NOSUCH,SECRET
	env_is "HOME=/elsewhere PATH=${clean#*PATH=}" --env=clean --whitelist-env=HOME
	unset TERM
	env_is "${clean/ TERM=lamp/}" --env=clean
	probe_root || return 0
	export TERM=lamp
	env_is "$(login 65534)" -S 65534 -G 65534 --env=clean
	env_is "$(login 5)" -S 5 -G 5 --map-users=all --map-groups=all --env=clean
	env_is "$(login 65534)" --owner=65534:65534 --map-users=all --map-groups=all --env=clean
}

@test "ns-unshare: --env=keep keeps the environment, and other words are refused" {
	export SECRET='a b'
	run -0 ns-unshare -U --env=keep env
	diff <(grep -v '^_=' <<<"$output") <(env | grep -v '^_=')
	gives 'SECRET=a b' -U --env=keep --whitelist-env=SECRET env
	refused "option '--env': 'dirty' is none of keep, clean" --env=dirty
	refused "option '--env': '' is none of keep, clean" --env=
	refused "option '--env': cannot stand beside '--clear-env'" --env=clean --clear-env
	refused "option '--env': cannot stand beside '--clear-env'" --clear-env --env=keep
}

# What the shells of the place need for a root directory of their own.
# make_jail PROGRAM... - a directory "jail" with copies of these, and what they load
make_jail() {
	local program file
	mkdir -p jail/bin jail/proc jail/etc jail/d
	for program; do
		program=$(type -P "$program")
		cp "$program" jail/bin
		for file in $(ldd "$program" 2>/dev/null | grep -o '/[^ ]*'); do
			mkdir -p "jail${file%/*}"
			[ -e "jail$file" ] || cp "$file" "jail$file"
		done
	done
}
place_functions+=$'\n'$(declare -f make_jail)

@test "ns-unshare: --env=clean takes the user from the new root's etc/passwd, and from nowhere else" {
	local found='/jailed /bin/jailsh chief' not_found='/root /bin/sh root' set wanted
	while read -r wanted set; do
		[ "$wanted" = found ] && wanted=$found || wanted=$not_found
		place_gives "$wanted" '
			make_jail sh
			echo "chief:x:0:0::/jailed:/bin/jailsh" >entry
			mkdir outside
			cp entry outside/passwd
			'"$set"'
			ns-unshare -r --root=jail --env=clean sh -c "echo \$HOME; echo \$SHELL; echo \$USER"'
	done <<-'END'
		found	cp entry jail/etc/passwd
		found	{ echo "other:x:1:0::/other:"; cat entry; } >jail/etc/passwd
		found	cp entry jail/inside; ln -s /inside jail/etc/passwd
		not	echo "other:x:1:0::/other:" >jail/etc/passwd
		not	:
		not	rmdir jail/etc
		not	mkfifo jail/etc/passwd
		not	mkdir jail/etc/passwd
		not	ln -s "$PWD/entry" jail/etc/passwd
		not	ln -s ../../entry jail/etc/passwd
		not	rmdir jail/etc; ln -s "$PWD/outside" jail/etc
		not	rmdir jail/etc; ln -s ../outside jail/etc
	END
}

@test "ns-unshare: with --env=clean the default shell is that of the user inside" {
	place_gives 'ran /home/chief' '
		make_jail sh
		script jail/bin/shell "echo ran \$HOME"
		echo "chief:x:0:0::/home/chief:/bin/shell" >jail/etc/passwd
		SHELL=/bin/sh ns-unshare -r --root=jail --env=clean </dev/null'
	probe_root || return 0
	place_gives 'ran /home/chief' '
		own_etc
		script shell "echo ran \$HOME"
		echo "chief:x:0:0::/home/chief:$PWD/shell" >/etc/passwd
		SHELL=/bin/sh ns-unshare -a --env=clean </dev/null'
}

# --- Pivot

# escapes PIVOT - each way out of the root directory, under each line of options; "out" or "in"
escapes='
	make_jail inside
	: >marker
	escapes() {
		while read -r options; do
			for way in cwd fd 7 8 0; do
				timeout -k 1 30 ns-unshare $options --root=jail $1 \
					inside escape $way "$PWD/marker" </ 7</ 8<. 2>../said ||
					{ echo "$options: $way:"; cat ../said; }
			done
		done | sort | uniq -c
	}
'

@test "ns-unshare: a root that is changed by chroot can be left, one by --pivot cannot" {
	requires proc
	local options=(-rm '-rm -f' '-rm --propagation=slave' -a '-a --no-mount-proc')
	! probe_root || options+=(-m '-mp --fork')
	place_gives "$((5 * ${#options[@]})) out" "$escapes escapes '' <<'END'
$(printf '%s\n' "${options[@]}")
END"
	place_gives "$((5 * ${#options[@]})) in" "$escapes escapes --pivot <<'END'
$(printf '%s\n' "${options[@]}")
END"
}

@test "ns-unshare: --pivot takes open directories from the command, and says so" {
	local note='ns-unshare: note: the command does not get' option
	for option in '' -f; do
		place_gives "text 1 2 $note 2 open directories of the old root $note 1 open directory of the old root" '
			make_jail sh cat
			echo text >file
			ns-unshare -rm '$option' --root=jail --pivot sh -c "cat <&5" 5<file 6</ 7<. 2>said
			ns-unshare -rm '$option' --root=jail --pivot sh -c "read -r line; echo \$?" </ 2>>said
			ns-unshare -rm '$option' --root=jail --pivot sh -c ": <&5; echo ran" 5</ 2>/dev/null || echo $?
			cat said'
	done
}

# Could the command trace the tool, it would have what was taken from it.
@test "ns-unshare: a command with fewer capabilities cannot look at the waiting parent" {
	requires proc
	local look='readlink /proc/$PPID/cwd || echo denied'
	gives "$(pwd -P)" -rf sh -c "$look"
	gives denied -rf --drop-caps=kill sh -c "$look"
	gives denied -rf --caps=kill,sys_ptrace sh -c "$look"
	gives denied -rp --init --mount-proc --caps=sys_ptrace sh -c "$look"
}

# Root of the caller's own user namespace may do as it likes with the parent: hence -r.
@test "ns-unshare: with --pivot neither does the waiting parent lead to the old root" {
	local around='unshare -Urm --propagation private bash' options
	! probe_root || around=bash
	try='export -f make_jail
		'$around' <<"END"
		make_jail inside sh
		mount --rbind /proc jail/proc
		: >marker
		try() {
			timeout -k 1 30 ns-unshare "$@" --root=jail sh -c "
				for way in /proc/\$PPID/cwd /proc/\$PPID/root /proc/\$PPID/fd/*; do
					inside escape \$way $PWD/marker
				done" 7</ 8<. 9</dev/null 2>../said
		}
'
	place_gives 'seen' "$try"'
		[ "$(try -rmf | grep -c out)" -lt 4 ] || echo seen
END'
	for options in '-rmf' '-rm --pid-file=pid' '-rm --pid-file=$PWD/pid' '-rm --kill-child' \
		'-rmf --hostname=blue' '-rm --map-users=0:0:1 --wait-fd=9'; do
		echo "$options"
		place_gives 'in' "$try"'
			try '"$options"' --pivot | sort -u
END'
	done
}

@test "ns-unshare: with --pivot no mount of the old root is left, and proc is the new one" {
	requires proc
	place_gives '/ /proc /proc/1 / /d' '
		make_jail sh cat
		ns-unshare -a --root=jail --pivot cat /proc/self/mountinfo | cut -d " " -f 5 | sort
		ns-unshare -a --root=jail --pivot sh -c "echo /proc/[0-9]*"
		ns-unshare -rm --root=jail --pivot --wd=.. sh -c pwd
		ns-unshare -rm --root=jail --pivot --wd=../d sh -c pwd'
}

@test "ns-unshare: with --pivot, --pid-file and --log are files outside" {
	place_gives 'same same logged' '
		make_jail sh
		for file in pid "$PWD/pid"; do
			pid=$(ns-unshare -rm --root=jail --pivot --pid-file=$file sh -c "echo \$\$")
			[ "$(cat pid)" = "$pid" ] && echo same
			rm pid
		done
		mkfifo log
		ns-unshare -rm --root=jail --pivot -d --log=log sh -c "echo logged" >/dev/null &
		read -r line <log
		echo $line
		wait
		! ls jail | grep -E "pid|log"'
}

@test "ns-unshare: --pivot is refused without --root, with mounts that are shared, and in place" {
	local mode
	mkdir d
	: >file
	refused "option '--pivot': needs '--root'" -r --pivot
	for mode in shared unchanged; do
		refused "option '--pivot': needs mounts that are private, or slaves" -r --root=d --pivot --propagation=$mode
	done
	refused "cannot change root to '/': it is the root already" -r --root=/ --pivot
	refused "cannot change root to '/usr/..': it is the root already" -r --root=/usr/.. --pivot
	refused "cannot change root to 'missing': No such file or directory" -r --root=missing --pivot
	refused "cannot change root to 'file': Not a directory" -a --root=file --pivot
	refused "option '--pivot': takes no value" -r --root=d --pivot=1
	probe_root || refused 'cannot create a new mnt namespace: Operation not permitted' --root=d --pivot
}

@test "ns-unshare: --pivot leaves the mounts outside as they were" {
	requires root
	local mode
	for mode in private slave; do
		place_gives '/' '
			make_jail sh
			mount --make-rshared /
			before=$(cat /proc/self/mountinfo)
			ns-unshare --root=jail --pivot --propagation='$mode' sh -c pwd
			[ "$before" = "$(cat /proc/self/mountinfo)" ]'
	done
}

# --- What happens

@test "ns-unshare: --verbose prints each operation with its result, and who does it" {
	requires proc
	run -0 --separate-stderr ns-unshare -v -rp --mount-proc --hostname=blue -n echo ran
	[ "$output" = ran ]
	diff <(sed -E 's/= [0-9]+$/= N/; s/\(([0-9]+)/(N/' <<<"$stderr") - <<-END
		+ unshare(CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWNET|CLONE_NEWPID) = N
		+ write("/proc/self/setgroups", "deny") = N
		+ write("/proc/self/uid_map", "0 $uid 1") = N
		+ write("/proc/self/gid_map", "0 $gid 1") = N
		+ mount("none", "/", NULL, MS_REC|MS_PRIVATE, NULL) = N
		+ ioctl(socket(AF_UNIX), SIOCSIFFLAGS, {"lo", IFF_UP}) = N
		+ sethostname("blue", 4) = N
		+ fork() = N
		+ child: fsopen("proc", FSOPEN_CLOEXEC) = N
		+ child: fsconfig(N, FSCONFIG_SET_STRING, "source", "proc", 0) = N
		+ child: fsconfig(N, FSCONFIG_CMD_CREATE, NULL, NULL, 0) = N
		+ child: fsmount(N, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC) = N
		+ child: move_mount(N, "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH) = N
		+ child: execve("$(type -P echo)", ["echo", "ran"])
	END
	refused "option '--verbose': takes no value" --verbose=1
}

@test "ns-unshare: --verbose shows a call that fails, and no environment" {
	export SECRET=hidden
	run -125 --separate-stderr ns-unshare --verbose -r --root=/missing echo ran
	[[ $stderr == *'+ chroot("/missing") = -1 ENOENT (No such file or directory)'* ]]
	run -0 --separate-stderr ns-unshare --verbose -U --whitelist-env=SECRET true
	[[ $stderr != *hidden* ]]
}

# Command lines of all kinds, ended by a command; root's want a place of their own.
everybodys_lines=(
	'true'
	'-r true'
	'-c --keep-caps true'
	'-rm --propagation=slave true'
	'-rn true'
	'-rn --no-loopback true'
	'-r --hostname=blue -i echo one "two three"'
	'-rT --boottime=5 --monotonic=5 true'
	'-rp --mount-proc true'
	'-rp --mount-proc --kill-child true'
	'-r -R / -w tmp true'
	'-U --setgroups=deny true'
	'-rCf --setuid=0 true'
	'-U --clear-env true'
	"--map-users=7:$uid:1 true"
	"-p --map-groups=7:$gid:1 -r true"
	'-a true'
	'-a --mount-sys --no-ipc --boottime==0 true'
	'-a --no-mount-proc --no-loopback --domainname=blue true'
	'-r --caps=kill --no-new-privs true'
	'-c --keep-caps --drop-caps=kill --env=clean true'
)
roots_lines=(
	'-mp --mount-proc true'
	'--uts=uts --net=net true'
	'-f --uts=uts --mount=mnt true'
	'--user=user -r true'
	'--pid=pid --time=time true'
	'--map-users=0:0:10 --map-groups=0:0:5 --map-groups=7:7:1 -S 5 -G 7 true'
	'--map-users=all --map-groups=all true'
	'--map-auto -r true'
	'--owner 1000:1000 -r true'
	'-S 65534 -G 65534 true'
	'-S 65534 -G 65534 --caps=kill,chown true'
	'--drop-caps=all --env=clean true'
	'-mn --mount-sys true'
	'-p --propagation=unchanged --mount-proc true'
	'--map-users=all --map-groups=all --owner=5:5 -p -f --mount-proc -n true'
)

lines_of_mine() {
	printf '%s\n' "${everybodys_lines[@]}"
	! probe_root || printf '%s\n' "${roots_lines[@]}"
}

# Everything that differs between a dry run and a real one: results and numbers.
same_lines='
	less() { sed -E "s/ = -?[0-9]+.*$//; s/\<(FD|CHILD)\>/N/g; s/[0-9]+/N/g" "$1"; }
	undo() { umount uts net mnt user pid time 2>/dev/null; rm -f uts net mnt user pid time; }
	[ $EUID != 0 ] || subids root:100000:65536 >/dev/null
	while read -r line; do
		eval "ns-unshare --dry-run $line" >out 2>dry || echo "$line: dry run: status $?"
		[ ! -s out ] || echo "$line: the command ran"
		eval "ns-unshare -v $line" >out 2>real || echo "$line: status $?"
		undo
		[ -s dry ] || echo "$line: no line"
		diff <(less dry) <(less real) || echo "^ $line"
	done'

@test "ns-unshare: --dry-run prints the lines of --verbose, and runs nothing" {
	requires proc timens
	place_gives '' "$same_lines <<'END'
$(lines_of_mine)
END"
	refused "option '--dry-run': takes no value" --dry-run=1
}

@test "ns-unshare: --dry-run prints the lines of --pivot, too" {
	requires proc
	place_gives '' "make_jail true; $same_lines <<'END'
-rm --root=jail --pivot true
-a --root=jail --pivot --wd=../d true
END"
}

@test "ns-unshare: --dry-run prints newuidmap's lines, too" {
	requires root newuidmap
	place_gives '' '
		subids plain:100000:65536
		as_user ns-unshare --dry-run -r --map-auto true 2>dry
		as_user ns-unshare -v -r --map-auto true 2>real
		less() { sed -E "s/ = -?[0-9]+.*$//; s/[0-9]+/N/g" "$1"; }
		diff <(less dry) <(less real)
		grep -q "execve(\"/.*/newgidmap\", " dry'
}

# What changes something, or writes elsewhere than to stdout and stderr.
changing='(unshare|setns|clone3?|v?fork|mount|umount2?|move_mount|fsopen|fsconfig|fsmount|open_tree|mount_setattr|pivot_root|chroot|chdir|set(host|domain)name|setre?s?[ug]id|setgroups|capset|unlink|mkdir|socketpair|kill)\('
changing+='|ioctl\(.*SIOCS|prctl\(PR_(CAP_AMBIENT, PR_CAP_AMBIENT_RAISE|CAPBSET_DROP|SET_KEEPCAPS|SET_NO_NEW_PRIVS)'
changing+='|O_CREAT|O_TRUNC|pwrite|write\(([03-9]|1[0-9])'

@test "ns-unshare: --dry-run changes nothing, as strace sees it" {
	requires cmd strace
	place_gives '' '
		[ $EUID != 0 ] || subids root:100000:65536
		while read -r line; do
			eval "strace -f -o ../calls ns-unshare --dry-run $line" >out 2>&1 || echo "$line: $?"
			grep -E "^[0-9]+ +('"$changing"')" ../calls && echo "^ $line"
			[ "$(grep -c "^[0-9]* *execve(" ../calls)" = 1 ] || echo "^ $line runs something"
			[ -z "$(ls uts net mnt user pid time 2>/dev/null)" ] || echo "^ $line makes a file"
		done <<"END"
'"$(lines_of_mine)"'
END'
}

# The same status and the same first line, from a dry run and from a real one.
same_failure='
	while read -r wanted line; do
		eval "$line" >out 2>real && status=0 || status=$?
		[ $status = $wanted ] || echo "$line: status $status"
		eval "${line/ns-unshare /ns-unshare --dry-run }" >>out 2>dry && status=0 || status=$?
		[ $status = $wanted ] || echo "$line: dry run: status $status"
		[ ! -s out ] || echo "$line: the command ran"
		diff <(grep -v "^+" real) <(grep -v "^+" dry) || echo "^ $line"
	done'

@test "ns-unshare: --dry-run fails where the real run would: paths and commands" {
	requires proc
	place_gives '' "$same_failure"' <<"END"
127 ns-unshare -r nosuch
126 ns-unshare -r /tmp
125 ns-unshare -r --root=/missing echo ran
125 ns-unshare -r --root=/etc/passwd echo ran
125 ns-unshare -r --wd=/missing echo ran
125 ns-unshare -r --root=/ --wd=missing echo ran
125 ns-unshare -rp --mount-proc=/missing echo ran
125 ns-unshare -rp --mount-proc=/etc/passwd echo ran
125 ns-unshare -r --root=/missing --pivot echo ran
125 ns-unshare -r --root=/ --pivot echo ran
125 ns-unshare -a --mount-sys=/missing echo ran
125 ns-unshare -r --mount-proc echo ran
125 ns-unshare -r --mount-sys echo ran
125 ns-unshare -T --boottime==-1 echo ran
125 ns-unshare -r --hostname= echo ran
125 ns-unshare --uts=/missing/file -r echo ran
125 ns-unshare --user=/ echo ran
127 ns-unshare -r --root=/usr /usr/bin/env
END'
}

@test "ns-unshare: --dry-run looks for the command inside the new root" {
	mkdir jail
	script jail/program 'echo ran'
	run -0 ns-unshare --dry-run "${root[@]}" --root=jail /program
	[[ $output == *'execve("/program", ["/program"])' ]]
}

@test "ns-unshare: --dry-run fails where the real run would: a limit of 0" {
	local type limit
	for type in "${types[@]}"; do
		limit="user.max_${type}_namespaces is 0; "
		run -0 unshare -Ur bash -c 'echo 0 >/proc/sys/user/max_'"$type"'_namespaces
			'"$same_failure"' <<<"125 ns-unshare --'"$(option "$type")"' echo ran"
			grep -q "hint: '"$limit"'" real && grep -q "cannot create a new '"$type"' namespace: No space" real'
		[ -z "$output" ]
	done
}

@test "ns-unshare: --dry-run fails where the real run would: subordinate IDs and helpers" {
	requires root
	place_gives '' '
		subids plain:100000:65536
		helper newuidmap
		helper newgidmap true 755
		'"$same_failure"' <<"END"
125 ns-unshare --map-auto echo ran
125 as_user ns-unshare --map-auto echo ran
125 as_user ns-unshare --map-users=0:65534:1 --map-groups=0:0:9 echo ran
END'
}

@test "ns-unshare: --dry-run fails where the real run would: capabilities that one does not have" {
	requires root
	place_gives '' "$same_failure"' <<"END"
125 setpriv --bounding-set=-sys_admin,-kill --inh-caps=-sys_admin,-kill ns-unshare --caps=kill,sys_admin echo ran
125 setpriv --bounding-set=-sys_admin,-kill --inh-caps=-sys_admin,-kill ns-unshare -n echo ran
125 setpriv --bounding-set=-setpcap --inh-caps=-setpcap ns-unshare --drop-caps=kill echo ran
END'
}

@test "ns-unshare: --dry-run fails where the real run would: an ordinary user's privilege" {
	requires user
	place_gives '' "$same_failure"' <<"END"
125 ns-unshare -m echo ran
125 ns-unshare -unp echo ran
125 ns-unshare --root=/ echo ran
125 ns-unshare --setuid=0 echo ran
125 ns-unshare --setgid=0 echo ran
125 ns-unshare --caps=kill echo ran
125 ns-unshare --drop-caps=all echo ran
125 ns-unshare -a --no-user echo ran
END'
}

@test "ns-unshare: --help fits 80 columns and has each option" {
	local letter name value help
	run -0 --separate-stderr ns-unshare --help
	[ -z "$stderr" ]
	run ! grep -E '.{80}' <<<"$output"
	run -0 ns-unshare --help
	while IFS=$'\x1f' read -r letter name value help; do
		[[ $help != 'leave TYPE,'* ]] || name='no-TYPE'	# one line for all of these
		grep -qE -- "^  ${letter:+-$letter,}${letter:-    }* *--$name(\[?=|\$| )" <<<"$output"
	done < <(ns-unshare --complete | tr '\t' '\037')
	[ "$(ns-unshare -h)" = "$output" ]
	refused "option '--help': takes no value" --help=1
}

@test "ns-unshare: --version names the tool and its version" {
	gives "$(sed -n 's/^VERSION = /ns-unshare (ns-tools) /p' "$NS_ROOT/config.mk")" --version
	[ "$(ns-unshare -V)" = "$output" ]
}

@test "ns-unshare: each option that needs a value is refused without one, in any form" {
	local letter name value
	while IFS=$'\x1f' read -r letter name value _; do
		case $value in
		=*)
			run -125 --separate-stderr ns-unshare "--$name"
			[ "$stderr" = "ns-unshare: option '--$name': needs a value" ]
			[ -z "$letter" ] || run -125 ns-unshare "-$letter" ;;
		'')
			run -125 --separate-stderr ns-unshare "--$name=x"
			[ "$stderr" = "ns-unshare: option '--$name': takes no value" ] ;;
		esac
	done < <(ns-unshare --complete | tr '\t' '\037')
}

@test "ns-unshare: options end at the command, and at --" {
	gives '-U --help' -U echo -U --help
	gives '-U --help' -U -- echo -U --help
	gives '-- x' echo -- x
}

@test "ns-unshare: what abbreviates one of unshare's options keeps its meaning" {
	local before
	gives 0 --map-r id -u
	gives "$uid" --map-c id -u
	gives / -r --ro=/ pwd
	gives '' -rm --prop=slave true
	before=$(ns-unshare --ver)
	[ "$before" = "$(ns-unshare --version)" ]
	refused "option '--mo': ambiguous: --mount, .*" --mo
}

# --- Always

@test "ns-unshare: the command has the caller's descriptors, and no others" {
	requires proc timens
	local line
	exec 8<"$NS_ROOT/README" 9>written
	fds='for fd in /proc/self/fd/*; do echo "${fd##*/} $(readlink $fd)"; done'
	without=$(sh -c "$fds" 3>&- | sed 's,\[.*,,')
	[[ $without == *"8 $NS_ROOT/README"* ]]
	for line in "${everybodys_lines[@]}"; do
		echo "$line"
		# shellcheck disable=SC2086  # words
		with=$(ns-unshare ${line%true*} sh -c "$fds" 3>&- | sed 's,\[.*,,')
		[[ $line == *echo* ]] || diff <(echo "$without") <(echo "$with")
	done
}

@test "ns-unshare: root's command has the caller's descriptors, and no others" {
	requires root
	place_gives '' '
		subids root:100000:65536
		fds="for fd in /proc/self/fd/*; do echo \${fd##*/} \$(readlink \$fd); done"
		without=$(sh -c "$fds" | sed "s,\[.*,,")
		while read -r line; do
			with=$(eval "ns-unshare ${line%true} sh -c \"\$fds\"" </dev/null | sed "s,\[.*,,")
			diff <(echo "$without") <(echo "$with") || echo "^ $line"
			umount uts net mnt user pid time 2>/dev/null || :
		done <<"END"
'"$(printf '%s\n' "${roots_lines[@]}")"'
END'
}

# Of the files of strace -ff, the lines of the tool's own processes that make a descriptor.
# That of libcap-ng, and those of a build with SAN=1, are closed before main() begins; pidfd_open(2) always sets the flag.
descriptors_made='
	/^execve\(.* = 0$/ && !/^execve\("[^"]*ns-unshare"/ { nextfile }
	/ = [0-9]+$/ && !/^execve\(|^pidfd_open\(|cap_last_cap|self\/(cmdline|environ|maps)"/'

@test "ns-unshare: each descriptor is closed on exec from the call that opens it" {
	requires cmd strace proc timens
	place_gives '' '
		[ $EUID != 0 ] || subids root:100000:65536
		calls=openat,open,openat2,open_tree,socket,socketpair,pipe,pipe2,eventfd2,dup,dup2,dup3
		calls+=,epoll_create1,signalfd4,memfd_create,fsopen,fsmount,accept4,inotify_init1
		while read -r line; do
			rm -f ../calls.*
			eval "strace -ff -o ../calls -e trace=execve,$calls ns-unshare $line" >out 2>&1 </dev/null ||
				echo "$line: $?"
			awk '"'$descriptors_made'"' ../calls.* >made
			grep -q CLOEXEC made || echo "^ $line: none seen"
			grep -v CLOEXEC made && echo "^ $line"
			umount uts net mnt user pid time 2>/dev/null || :
		done <<"END"
'"$(lines_of_mine)"'
END'
}

@test "ns-unshare: the waiting parent is in each new namespace but pid and time" {
	local type enter
	for type in user mnt uts ipc net cgroup; do
		start "${root[@]}" -f "--$(option "$type")"
		[ "$(ns $type)" != "$(ns $type "$child")" ]
		[ "$(ns $type "$tool")" = "$(ns $type "$child")" ]
		enter=()
		[ $type != user ] && probe_root || enter=(--preserve-credentials --user)
		run -0 nsenter -t "$tool" "${enter[@]}" "--$(option "$type")" readlink /proc/self/ns/$type
		[ "$output" = "$(ns $type "$child")" ]
		kill -KILL "$tool" "$child"
	done
}

@test "ns-unshare: the waiting parent has the command's pid and time namespaces for children" {
	requires timens
	start "${root[@]}" -f --pid --time
	[ "$(ns pid "$tool")" = "$(ns pid)" ]
	[ "$(ns time "$tool")" = "$(ns time)" ]
	[ "$(ns pid_for_children "$tool")" = "$(ns pid "$child")" ]
	[ "$(ns time_for_children "$tool")" = "$(ns time "$child")" ]
	[ "$(ns pid "$child")" != "$(ns pid)" ]
	[ "$(ns time "$child")" != "$(ns time)" ]
}

# The last line that strace writes of the tool alone
@test "ns-unshare: the tool dies of the signal that the command died of, without a core" {
	requires cmd strace
	local signal
	ulimit -c unlimited 2>/dev/null || true
	for signal in TERM KILL INT HUP SEGV ABRT; do
		run strace -o calls ns-unshare -Uf sh -c "ulimit -c 0; kill -$signal \$\$"
		[ "$(tail -n 1 calls)" = "+++ killed by SIG$signal +++" ]
	done
	[ -z "$(ls core* 2>/dev/null)" ]
}

@test "ns-unshare: as PID 1 the tool ends with 128 + the signal" {
	local signal
	for signal in 9 11 15; do
		run -$((128 + signal)) --separate-stderr \
			unshare -Urpf ns-unshare -f sh -c "kill -$signal \$\$"
		[ -z "$stderr" ]
	done
}

# SIGCHLD has its default action in the command, as with unshare: see compat.bats.
@test "ns-unshare: the command gets the caller's signal mask and dispositions" {
	local state wanted
	state=(grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status)
	for around in 'env' 'env --block-signal=TERM,USR1,CHLD' 'env --ignore-signal=HUP,TSTP'; do
		wanted=$($around "${state[@]}")
		[ "$($around ns-unshare -U "${state[@]}")" = "$wanted" ]
		[ "$($around ns-unshare -Uf "${state[@]}")" = "$wanted" ]
		[ "$($around ns-unshare -Urp --map-users="$uid:$uid:1" "${state[@]}")" = "$wanted" ]
	done
}

# Of the processes that were given this mark in their environment, none is left.
none_is_left() {
	! grep -qsxz "RUN_OF=$1" /proc/[0-9]*/environ
}

@test "ns-unshare: a thousand runs leave no process, no mount and no file" {
	requires proc timens
	local before after lines=() i
	mapfile -t lines < <(printf '%s\n' "${everybodys_lines[@]}" | grep -v echo)
	lines+=('-rp --mount-proc nosuch' '-r --root=/missing true' '-Urpf sh -c "kill -9 \$\$"')
	before=$(cat /proc/self/mountinfo; find . -mindepth 1)
	for ((i = 0; i < 1000; i++)); do
		eval "RUN_OF=$$ ns-unshare ${lines[i % ${#lines[@]}]}" >/dev/null 2>&1 || true
	done
	after=$(cat /proc/self/mountinfo; find . -mindepth 1)
	diff <(echo "$before") <(echo "$after")
	wait_for none_is_left $$
}

@test "ns-unshare: two hundred runs of root's that keep namespaces leave what they keep" {
	requires root
	place_gives '' '
		before=$(cat /proc/self/mountinfo; ls)
		for i in {1..50}; do
			ns-unshare --uts=uts --mount=mnt true
			ns-unshare -f --net=net --pid=pid true
			umount uts mnt net pid
			rm uts mnt net pid
			ns-unshare --uts=uts --net=net nosuch
			ns-unshare -f --uts=uts --net=net nosuch
		done 2>/dev/null
		diff <(echo "$before") <(cat /proc/self/mountinfo; ls)'
}

# Linux 6.18 numbers mount namespaces by CPU, and binds none in one with a larger number.
@test "ns-unshare: a mount namespace can be kept, whichever CPU numbered it and the old one" {
	requires root cmd taskset
	[ "$(nproc)" -gt 1 ] || skip "requires: two CPUs"
	local old
	cd "$BATS_TEST_TMPDIR"
	for old in 0 1; do
		run -0 --separate-stderr taskset -c $old unshare -m --propagation private \
			taskset -c $((1 - old)) sh -ec '
				mount -t tmpfs tmpfs .
				cd "$PWD"
				for i in 1 2 3 4 5 6 7 8 9 10; do
					taskset -c 0,1 ns-unshare --mount=kept true
					[ "$(stat -f -c %T kept)" = nsfs ]
					umount kept
				done'
		[ -z "$stderr" ]
	done
}

@test "ns-unshare: two namespaces are not kept at one file" {
	refused "option '--net': 'kept' is to keep the uts namespace" --uts=kept --net=kept
	[ ! -e kept ]
}
