@rem kubectl runs the executable of this name on the PATH to complete the
@rem arguments of `kubectl indexjob`.
@kubectl-indexjob __complete %*
