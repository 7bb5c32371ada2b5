// Package simtest is in the making.
package simtest
