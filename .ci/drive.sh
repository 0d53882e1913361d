# The way through the main screens, by keys alone. Sourced by run-window.sh, which defines shot and key.
shot queue
key Down Down Down
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
key F1
shot keys
key Escape
key ctrl+3
shot lists
key ctrl+1
