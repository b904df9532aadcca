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

place() {
	if probe_root; then in_place root "$1"; else in_place user "$1"; fi
}

# refused PATTERN ARGUMENT... - with 125, this message, and without running the command
refused() {
	local pattern=$1
	shift
	run -125 --separate-stderr ns-unshare "$@" echo ran
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
	run -0 --separate-stderr ns-unshare "$@"
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
	links=$(ns-unshare "$@" readlink /proc/self/ns/{user,mnt,uts,ipc,net,pid,cgroup,time})
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
	refused "option '--no-fork': cannot stand beside '--forward-signals'" --forward-signals -F
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

@test "ns-unshare: --mount-proc in a user namespace is refused without --pid" {
	refused "cannot mount proc on '/proc': a new user namespace has no right to the old PID namespace" \
		-r --mount-proc
	[[ ${stderr_lines[1]} == 'ns-unshare: hint: '*'; add --pid '* ]]
}

@test "ns-unshare: --mount-proc as root without --pid works with a warning" {
	requires root
	run -0 --separate-stderr place 'ns-unshare --mount-proc test -d /proc/$$; echo $?'
	[ "$output" = 0 ]
	[ "$stderr" = 'ns-unshare: warning: this proc shows the old PID namespace; see --pid' ]
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

# --- Clocks, network, host name, environment

@test "ns-unshare: --monotonic and --boottime set the clocks of the new time namespace" {
	requires timens
	gives 'monotonic 1000 0 boottime -3 0' "${root[@]}" -T -f --monotonic=1000 --boottime=-3 \
		sed 's/  */ /g' /proc/self/timens_offsets
	gives 'monotonic 0 0 boottime 7 0' "${root[@]}" -T --boottime 7 sed 's/  */ /g' /proc/self/timens_offsets
	refused "option '--monotonic': not a valid number of seconds: '1s'" "${root[@]}" -T --monotonic=1s
	refused "option '--boottime': needs '--time'" "${root[@]}" --boottime=1
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

@test "ns-unshare: --hostname sets the name of a new UTS namespace" {
	local before name
	before=$(uname -n)
	gives blue "${root[@]}" --hostname=blue uname -n
	gives blue "${root[@]}" -f --hostname blue uname -n
	name=$(printf '%064d' 0)
	gives "$name" "${root[@]}" --hostname="$name" uname -n
	[ "$(uname -n)" = "$before" ]
	refused "option '--hostname': the name is empty" "${root[@]}" --hostname=
	refused "option '--hostname': the name is 65 bytes long, the limit is 64" "${root[@]}" --hostname="0$name"
	refused "option '--hostname': the name has a control character or white space" \
		"${root[@]}" --hostname=$'a\nb'
	refused "option '--hostname': the name has .*" "${root[@]}" --hostname='a b'
}

@test "ns-unshare: --hostname is refused to an ordinary user without a user namespace" {
	requires user
	refused 'cannot create a new uts namespace: Operation not permitted' --hostname=blue
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
changing='(unshare|setns|clone3?|v?fork|mount|umount2?|move_mount|fsopen|fsconfig|fsmount|open_tree|mount_setattr|pivot_root|chroot|chdir|sethostname|setre?s?[ug]id|setgroups|capset|unlink|mkdir|socketpair|kill)\('
changing+='|ioctl\(.*SIOCS|prctl\(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE|O_CREAT|O_TRUNC|pwrite|write\(([03-9]|1[0-9])'

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

@test "ns-unshare: --dry-run fails where the real run would: an ordinary user's privilege" {
	requires user
	place_gives '' "$same_failure"' <<"END"
125 ns-unshare -m echo ran
125 ns-unshare -unp echo ran
125 ns-unshare --root=/ echo ran
125 ns-unshare --setuid=0 echo ran
125 ns-unshare --setgid=0 echo ran
END'
}

@test "ns-unshare: --help fits 80 columns and has each option" {
	local letter name value
	run -0 --separate-stderr ns-unshare --help
	[ -z "$stderr" ]
	run ! grep -E '.{80}' <<<"$output"
	run -0 ns-unshare --help
	while IFS=$'\x1f' read -r letter name value _; do
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
