# The guardian: outlives a platform that is killed, and ends what that platform left behind.
#
# Input, one line each: "+ group id" for a backend's process group and SESSION_BACKEND_ID ("-" if it has none), "- group
# id" once nothing of it runs, "x folder" for a folder to remove. The end of the input is the end of the platform.
# Descriptor 3 is the lock of the data folder: the next platform gets it when this process ends too.

# Programs such as concurrently signal every descendant of what they end.
trap '' INT TERM HUP
echo ready
backends=
folders=
while read -r sign subject id; do
  case $sign in
    +) backends="$backends $subject/$id" ;;
    -) kept=
       for each in $backends; do [ "$each" = "$subject/$id" ] || kept="$kept $each"; done
       backends=$kept ;;
    x) folders="$folders
$subject${id:+ $id}" ;;
  esac
done

# The ids of processes, groups and sessions that belong to the backends. It only grows, so that the children of a process
# that has been killed are still found by its group.
known=
patterns=
for each in $backends; do
  known="$known ${each%%/*}"
  [ "${each#*/}" = - ] || patterns="$patterns -e SESSION_BACKEND_ID=${each#*/}"
done

# Prints the processes that run: those in the environment of which a backend's id stands, their children, and all that
# is in a group or session of one of them.
find_processes() {
  marked=
  [ -z "$patterns" ] || marked=$(grep -lsF $patterns /proc/[0-9]*/environ | tr -dc '0-9\n' | tr '\n' ' ')
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v known="$known $marked" '
    BEGIN { split(known, ids, " "); for (i in ids) belongs[ids[i]] }
    {
      pid = $1
      sub(/^.*\) /, "")
      if ($1 != "Z" && $1 != "X") { parent[pid] = $2; group[pid] = $3; session[pid] = $4 }
    }
    END {
      do {
        more = 0
        for (pid in parent) {
          if (pid in belongs) continue
          if (!(parent[pid] in belongs || group[pid] in belongs || session[pid] in belongs)) continue
          belongs[pid]
          more = 1
        }
      } while (more)
      for (pid in parent) if (pid in belongs) print pid
    }'
}

if [ -n "$backends" ]; then
  tries=0
  # If nobody reaps the dead, as the first process of a container may not, groups seem to live on: there is a limit.
  while [ $tries -lt 200 ]; do
    if [ -r /proc/self/environ ]; then
      found=$(find_processes)
      [ -n "$found" ] || break
      known="$known $found"
      for process in $found; do kill -s KILL "$process"; done
    else
      left=
      for group in $known; do kill -s KILL -- "-$group" && left=1; done
      [ -n "$left" ] || break
    fi
    sleep 0.01
    tries=$((tries + 1))
  done
fi

echo "$folders" | while read -r folder; do [ -z "$folder" ] || rm -rf -- "$folder"; done
