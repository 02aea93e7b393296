#!/bin/sh
# Starts a connector as Airbyte's platform does in a pod: its entrypoint is a shell line that is evaluated, stdout and
# stderr go to named pipes, and the exit code to a file. A file named `stop` ends it with SIGTERM.
#   AIRBYTE_ENTRYPOINT="exec /usr/bin/sluice" platform_run.sh FOLDER ARGUMENTS...
folder=$1
shift
if [ -z "$AIRBYTE_ENTRYPOINT" ]; then
  echo "AIRBYTE_ENTRYPOINT is not set" >&2
  exit 127
fi
cd "$folder" || exit 127
mkfifo out err 2>/dev/null
(eval "$AIRBYTE_ENTRYPOINT $*" 2>err >out) &
child=$!
(while kill -0 $child 2>/dev/null; do
  [ -e stop ] && kill $child && break
  sleep 0.1
done) &
wait $child
code=$?
echo $code >exit_code
exit $code
