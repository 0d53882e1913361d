// Package townmap owns the map in the window: the widget that moves a painted picture, the map page, the wall board and the small map of one
// incident. What they look like in pixels is painted by its package chart.
package townmap
