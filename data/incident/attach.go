package incident

// AttachmentID names a photo or file: the SHA-256 of its manifest.
type AttachmentID [32]byte

// Attachment is one photo or file of an entry. Preview is a small picture of a photo; a file that has none stands in both places.
type Attachment struct {
	Preview, Whole AttachmentID
}

// Photo reports whether it is a picture that can be shown.
func (a Attachment) Photo() bool { return a.Preview != a.Whole }

// Attachments reads Fields.Blobs: pairs of preview and whole. What is no ID is left out; a last one without a partner stands for itself.
func Attachments(blobs [][]byte) []Attachment {
	var out []Attachment
	for i := 0; i < len(blobs); i += 2 {
		preview, whole := blobs[i], blobs[min(i+1, len(blobs)-1)]
		if len(preview) == len(AttachmentID{}) && len(whole) == len(AttachmentID{}) {
			out = append(out, Attachment{AttachmentID(preview), AttachmentID(whole)})
		}
	}
	return out
}

// Blobs writes attachments as Fields.Blobs has them.
func Blobs(list ...Attachment) [][]byte {
	var out [][]byte
	for _, a := range list {
		out = append(out, a.Preview[:], a.Whole[:])
	}
	return out
}

// photographed reports whether there is a photo among attachments.
func photographed(blobs [][]byte) bool {
	for _, a := range Attachments(blobs) {
		if a.Photo() {
			return true
		}
	}
	return false
}
