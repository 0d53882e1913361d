# The way through the main screens and once through the whole loop, by keys alone. Sourced by run-window.sh, which defines await, shot,
# key, press, say and told. Each step waits for what the window shows, never for time to pass.
here='page=queue dialog=-'
opens() { await "page=$1 dialog=$2 .*row=$no "; }           # a dialog above a page
stands() { await "page=$1 dialog=- .*row=$no stage=$2 "; }   # no dialog, the incident at a stage

await 'dialog=sign_in focus=field:0'
shot sign-in
key shift+Tab
await 'dialog=sign_in focus=button'
key Return
await 'dialog=picker focus=field:0'
say zbz
key Return
await 'dialog=sign_in'
key Tab
await 'dialog=sign_in focus=field:0'
say 110110
key Return
await "$here .*stage=unanswered"
shown row
no=$value
shot queue

second_start

key F2
await 'dialog=register'
shot register
key Escape
await "$here .*row=$no "
key F5
stands queue received
key F5
opens queue accept
shot accept
key ctrl+Return
stands queue to_dispatch
key F4
opens queue dispatch
for _ in 1 2 3; do press Down; press space; done # the co-handlers are let go
shot dispatch
key ctrl+Return
stands queue to_sign
key F6
opens queue sign
told
shot sign
key ctrl+Return
stands queue signed
key F7
opens queue arrive
told
shot arrive
key ctrl+Return
stands queue on_scene
key Return
stands incident on_scene
shot casefile
key F8
opens incident feedback
say 'settled on the spot and explained'
key Tab
key Tab
key Tab
key Tab
told
shot feedback
key ctrl+Return
stands incident to_verify
key F9
opens incident verify
shot verify
key ctrl+Return
stands incident to_callback
key F10
opens incident callback
press 1
shot callback
key ctrl+Return
stands incident closed
shot closed
key Escape
await "$here"
key ctrl+k
await 'dialog=menu focus=field:0'
say pd
shot command
key Escape
await "$here"
key g
key w
await 'dialog=warnings'
shot warnings
key Escape
await "$here"
key F1
await 'dialog=help'
shot keys
key Escape
await "$here"
key ctrl+2
await 'page=map dialog=-'
# Its picture comes from a worker: until then all of it is of one colour.
painted() { [ "$(import -window root -crop 600x400+300+200 png:- | identify -format %k -)" -gt 50 ]; }
until_true "the map" painted
shot map
key ctrl+3
await 'page=lists dialog=-'
shot lists
key ctrl+4
await 'page=assess dialog=-'
shot assessment
key ctrl+6
await 'page=settings dialog=-'
press Down
press Down
shot settings
key ctrl+1
await "$here"
