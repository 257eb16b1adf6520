package svm

// MarshalBinary saves a fitted machine.
func (m *Model) MarshalBinary() ([]byte, error) { return nil, errNotFitted }

// UnmarshalBinary loads what MarshalBinary wrote.
func (m *Model) UnmarshalBinary(data []byte) error { return errNotFitted }
