// A report of where a group's threads are. See wa_group_report.
#ifndef WA_RUNTIME_GROUP_REPORT_H
#define WA_RUNTIME_GROUP_REPORT_H

#include "runtime/group/threads.h"
#include "runtime/thread/snapshot.h"

struct wa_report;

// Of so many threads; NULL when out of memory.
struct wa_report *wa_report_new(uint32_t count, wa_snapshot_fn *take);
// Asks a thread, newest first. It must not end before it has called wa_snapshot_leave, for which it
// takes the lock that the caller holds, here and in the next two.
void wa_report_ask(struct wa_report *report, int32_t tid, struct wa_thread *thread);
// Whether all have answered or left; asks those again that have not.
bool wa_report_is_complete(struct wa_report *report);
// Takes the question back from those that have not answered.
void wa_report_close(struct wa_report *report);
// Calls the hook for each thread that is left; frees the report.
void wa_report_tell(struct wa_report *report,
                    void (*hook)(void *arg, const struct wa_thread_place *place), void *arg);

#endif
