// Package incidentfile owns the page of one incident: head with clock, the ten steps of the loop, facts, log, units, and the bar of actions
// with the next step first. It changes nothing itself: actions go to the forms through the commands of the window.
package incidentfile
