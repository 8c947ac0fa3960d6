#!/bin/sh
# A job that is nothing but shell, watched by TrainWatch: its bar moves, and the Stop button on the page stops it.
#
#   trainwatch serve                        # in one terminal
#   sh examples/curl.sh [name] [steps]      # in another; then open http://localhost:62222 (no spaces in the name)

url=${TRAINWATCH_URL:-http://127.0.0.1:62222}
name=${1:-curl-demo}
steps=${2:-30}

# Past any proxy that http_proxy names. The key, where one is needed, goes by standard input: the arguments of a program are for everybody to see.
post() {
    if [ -n "$TRAINWATCH_KEY" ]; then
        printf 'X-API-Key: %s' "$TRAINWATCH_KEY" | curl --noproxy '*' --silent --max-time 2 --header @- --request POST "$@"
    else
        curl --noproxy '*' --silent --max-time 2 --request POST "$@"
    fi
}

# From a trap: how the script ends is how the task ends, whatever ends it.
tell() { post "$url/hook/$name/$1" --output /dev/null || true; }
trap 'tell $?' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
tell start

step=0
while [ "$step" -lt "$steps" ]; do
    sleep "${DELAY:-1}" # the work
    step=$((step + 1))
    loss=$(awk "BEGIN { print 2.5 * exp(-3 * $step / $steps) + 0.3 }")
    reply=$(post "$url/hook" --data \
        "{\"taskName\": \"$name\", \"step\": $step, \"totalSteps\": $steps, \"progress\": $((step * 99 / steps)), \"progressUnit\": \"percent\", \"loss\": $loss}")
    echo "step $step of $steps, loss $loss"
    case $reply in
        *'"stop":true'* | *'"stop": true'*)
            echo "stopped from the page"
            trap - EXIT
            post "$url/hook" --output /dev/null --data \
                "{\"taskName\": \"$name\", \"status\": \"stopped\", \"message\": \"Stopped from the page\"}"
            exit 0
            ;;
    esac
done
