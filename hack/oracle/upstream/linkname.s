// Empty: its presence lets the compiler accept functions without a body.
