# The way through the main screens and once through the whole loop, by keys alone. Sourced by run-window.sh, which defines shot and key.
say() { xdotool type --delay 40 "$1"; sleep 0.3; }
told() { say wang; key Tab; say 05700110001; } # who told it by telephone, and the number
shot sign-in
key shift+Tab
key Return
say zbz
key Return
key Tab
say 110110
key Return
sleep 1
shot queue
shot queue-cursor
key F2
shot register
key Escape
key F5
sleep 2.5
key F5
shot accept
key ctrl+Return
sleep 2.5
key F4
for _ in 1 2 3; do key Down; key space; done # the co-handlers are let go
shot dispatch
key ctrl+Return
sleep 2.5
key F6
told
shot sign
key ctrl+Return
sleep 1
key F7
told
shot arrive
key ctrl+Return
sleep 1
key Return
shot casefile
key F8
say 'settled on the spot and explained'
key Tab
key Tab
key Tab
told
shot feedback
key ctrl+Return
sleep 1
key F9
shot verify
key ctrl+Return
sleep 1
key F10
key 1
shot callback
key ctrl+Return
sleep 1
shot closed
key Escape
key ctrl+k
say pd
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
