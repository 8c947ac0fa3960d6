#!/bin/sh
# A job that is nothing but shell, watched by TrainWatch: its bar moves, and the Stop button on the page stops it.
#
#   trainwatch serve                        # in one terminal
#   sh examples/curl.sh [name] [steps]      # in another; then open http://localhost:62222 (no spaces in the name)

url=${TRAINWATCH_URL:-http://127.0.0.1:62222}
name=${1:-curl-demo}
steps=${2:-30}

# From a trap: how the script ends is how the task ends, whatever ends it.
tell() { curl --silent --max-time 2 --output /dev/null --request POST "$url/hook/$name/$1" || true; }
trap 'tell $?' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
tell start

step=0
while [ "$step" -lt "$steps" ]; do
    sleep "${DELAY:-1}" # the work
    step=$((step + 1))
    loss=$(awk "BEGIN { print 2.5 * exp(-3 * $step / $steps) + 0.3 }")
    reply=$(curl --silent --max-time 2 "$url/hook" --data \
        "{\"taskName\": \"$name\", \"step\": $step, \"totalSteps\": $steps, \"progress\": $((step * 99 / steps)), \"progressUnit\": \"percent\", \"loss\": $loss}")
    echo "step $step of $steps, loss $loss"
    case $reply in
        *'"stop":true'* | *'"stop": true'*)
            echo "stopped from the page"
            trap - EXIT
            curl --silent --max-time 2 --output /dev/null "$url/hook" --data \
                "{\"taskName\": \"$name\", \"status\": \"stopped\", \"message\": \"Stopped from the page\"}"
            exit 0
            ;;
    esac
done
