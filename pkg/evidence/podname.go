package evidence

import (
	"strconv"
	"strings"
)

// IndexOfPodName reads the index out of the name of one of the Job's pods, which is
// the Job's name, the index and five characters; a long Job name is cut, the index
// never is (podGenerateNameWithIndex in indexed_job_utils.go, v1.37.2).
func IndexOfPodName(job, pod string) (int32, bool) {
	const suffix, longest = 5, 58
	if len(pod) <= suffix {
		return 0, false
	}
	base, ok := strings.CutSuffix(pod[:len(pod)-suffix], "-")
	dash := strings.LastIndexByte(base, '-')
	if !ok || dash < 0 {
		return 0, false
	}
	index, err := strconv.ParseInt(base[dash+1:], 10, 32)
	tail := base[dash:] + "-"
	if err != nil || index < 0 || strconv.Itoa(int(index)) != base[dash+1:] {
		return 0, false
	}
	if len(job)+len(tail) > longest {
		job = job[:max(0, longest-len(tail))]
	}
	return int32(index), base[:dash] == job
}
