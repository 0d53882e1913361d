// Package assets embeds what the program ships: fonts, icons, sounds, catalogues and the sample town pack.
package assets
