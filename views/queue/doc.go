// Package queue owns the queue page: saved views, filters, the grouped list and the pane beside it that follows the cursor. It reads
// through the small interfaces it declares and changes nothing itself; actions go to the window.
package queue
