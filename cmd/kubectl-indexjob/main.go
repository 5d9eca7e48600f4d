// Command kubectl-indexjob explains what became of every index of an Indexed Job.
package main

func main() {}
