// Package chooser is the dialog in which a person chooses a file to read or to write. The toolkit's own knows English alone, and no keys.
package chooser
