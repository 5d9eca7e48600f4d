// Package scenarios has the Jobs of the corpus as Go values: each a Job, a
// script for its pods, what a user does to it on the way, and how it has to
// end. Run plays one and yields its recording.
package scenarios
