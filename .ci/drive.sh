# The way through the main screens, by keys alone. Sourced by run-window.sh, which defines shot and key.
pin() { xdotool type --delay 40 110110; key Return; sleep 1; }
shot sign-in
pin
shot queue
key Down
key Down
key Down
shot queue-cursor
key F2
shot register
key Escape
key F4
shot dispatch
key Escape
key Return
shot casefile
key Escape
key ctrl+k
xdotool type --delay 60 pd
shot command
key Escape
key F1
shot keys
key Escape
key ctrl+3
shot lists
key ctrl+6
key Down
key Down
shot settings
key ctrl+1
