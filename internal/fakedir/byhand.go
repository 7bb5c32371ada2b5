package fakedir

import "fmt"

// kind is what the directory adds to a new object by itself.
type kind struct {
	classes  []string
	category string
	set      []string // names and values, in pairs
	account  bool     // it gets a security identifier
}

var kinds = map[string]kind{
	"user": {classUser, "Person", []string{
		"userAccountControl", "512", "sAMAccountType", samUser, "primaryGroupID", "513", "accountExpires", neverExpires,
	}, true},
	"group":              {classGroup, "Group", []string{"groupType", number(groupGlobal), "sAMAccountType", samGroup}, true},
	"contact":            {classContact, "Person", nil, false},
	"organizationalUnit": {classUnit, "Organizational-Unit", nil, false},
}

// addByHand adds an object a test asks for. Its identifiers come from the
// change number, so the same steps make the same object.
func (c *company) addByHand(parent *entry, rdnType, name, class string) error {
	k, ok := kinds[class]
	if !ok {
		return fmt.Errorf("fakedir: class %q is not user, group, contact or organizationalUnit", class)
	}
	var s sid
	if k.account {
		s = c.sid.with(uint32(int64(c.dc.ridPool()) + c.tree.usn))
	}
	e, err := c.tree.add(parent, rdnType, name, guidFor(c.seed, fmt.Sprintf("by hand/%s%d", c.dc.maker(), c.tree.usn)), s)
	if err != nil {
		return err
	}
	e.set(aObjectClass, k.classes...)
	e.setRDN()
	e.setNamed("objectCategory", k.category, "instanceType", "4")
	e.setNamed(k.set...)
	return nil
}
