// Command interop is golang-jwt's side: `mint` makes keys and tokens, `verify` judges tokens.
// JSON in, JSON out.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	in := json.NewDecoder(os.Stdin)
	in.UseNumber() // claims are signed with the digits that they came with
	var answer any
	var err error
	switch command := os.Args[1]; command {
	case "mint":
		var request mintRequest
		if err = in.Decode(&request); err == nil {
			answer, err = mint(request)
		}
	case "verify":
		var document verifyDocument
		if err = in.Decode(&document); err == nil {
			answer, err = verify(document)
		}
	default:
		err = fmt.Errorf("unknown command %q", command)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(answer)
}
