package incident

import (
	"reflect"
	"testing"
)

func TestAttachments_ReadsWhatBlobsWrites(t *testing.T) {
	photo, file := Attachment{Preview: AttachmentID{1}, Whole: AttachmentID{2}}, Attachment{Preview: AttachmentID{3}, Whole: AttachmentID{3}}
	both := Blobs(photo, file)
	if got := Attachments(both); !reflect.DeepEqual(got, []Attachment{photo, file}) || !got[0].Photo() || got[1].Photo() {
		t.Errorf("read %v", got)
	}
	if got := Attachments(both[2:3]); !reflect.DeepEqual(got, []Attachment{file}) {
		t.Errorf("one without a partner: %v", got)
	}
	if got := Attachments([][]byte{{1}, both[0]}); got != nil {
		t.Errorf("what is no ID: %v", got)
	}
	if !photographed(both) || photographed(both[2:]) || photographed(nil) {
		t.Error("a document counts as a photo, or a photo doesn't")
	}
}
