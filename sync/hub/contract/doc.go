// Package contract is the one test suite of the hub's stores: what session.Journal, session.Registry and session.Blobs promise, as a state
// machine against a model. boltjournal and natsjournal run the same, so neither can drift. It is for tests only.
package contract
