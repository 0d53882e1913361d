// Package courier carries journals between desks in a sealed file, such as on a USB stick, where there is no network: the same runs
// that travel over the wire, in any order and as often as one likes. Every file also says what its desk holds, so the answer that
// comes back is the receipt.
package courier
