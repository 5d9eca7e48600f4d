package upstream

import "reflect"

// SetField writes a field of the controller that upstream does not export; it
// panics if there is none of that name and type any more.
func SetField[T any](jm *Controller, name string, value T) {
	to := fieldOf(jm, name)
	reflect.NewAt(to.Type(), to.Addr().UnsafePointer()).Elem().Set(reflect.ValueOf(&value).Elem())
}

// ReadField reads one.
func ReadField[T any](jm *Controller, name string) T {
	value := fieldOf(jm, name)
	return reflect.NewAt(value.Type(), value.Addr().UnsafePointer()).Elem().Interface().(T)
}

// PointTo is a pointer field as one to our mirror of its type.
func PointTo[T any](jm *Controller, name string) *T {
	return (*T)(fieldOf(jm, name).UnsafePointer())
}

// AddressOf is the address of a field, as one of our mirror of its type.
func AddressOf[T any](jm *Controller, name string) *T {
	return (*T)(fieldOf(jm, name).Addr().UnsafePointer())
}

func fieldOf(jm *Controller, name string) reflect.Value {
	value := reflect.ValueOf(jm).Elem().FieldByName(name)
	if !value.IsValid() {
		panic("the controller has no " + name + " any more")
	}
	return value
}
