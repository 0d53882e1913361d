package kit

// CommandIcon names the icon of a command, for the command menu.
func CommandIcon(c Command) string {
	icons := map[Command]string{
		CmdNew: "plus", CmdSearch: "search", CmdDispatch: "send", CmdDispatchAgain: "send", CmdAddSuggested: "users", CmdAnswer: "cphone", CmdSign: "sign",
		CmdArrive: "pin", CmdNote: "chat", CmdVerify: "verify", CmdCallback: "revisit", CmdClose: "close", CmdUrge: "bell", CmdMerge: "merge",
		CmdSuspend: "pause", CmdReturn: "back", CmdSupervise: "star", CmdExport: "export", CmdLock: "lock", CmdHelp: "keyb", CmdUndo: "back", CmdToDispatch: "filter", CmdColumns: "lists",
		CmdRetry: "sync", CmdCourier: "usb", CmdSettle: "warn", CmdWarnings: "bell", CmdAppeal: "scale", CmdPapers: "file", CmdWall: "wall", CmdPublish: "lock", CmdHistory: "clock", CmdReplay: "play", CmdClearText: "eye", CmdTemplate: "lists",
	}
	if name, ok := icons[c]; ok {
		return name
	}
	return "right"
}
