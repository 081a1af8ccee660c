extension SchemaTables {
  /// batch/v1: work that ends.
  static let batchTypes = #"""
    package io.k8s.api.batch.v1 batch/v1

    Job kind list : Pods that work until enough of them have succeeded.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 JobSpec : What is wanted.
      status 3 JobStatus : What is the case, as the system last saw it.

    JobSpec : What is wanted of a job.
      parallelism 1 int32 : How many pods work at a time.
      completions 2 int32 : How many must succeed; one is enough where nothing is said.
      activeDeadlineSeconds 3 int64 : How long it may take.
      podFailurePolicy 11 PodFailurePolicy : What a failed pod means.
      successPolicy 16 SuccessPolicy : When it has succeeded before all pods have.
      backoffLimit 7 int32 : How many failures are put up with.
      backoffLimitPerIndex 12 int32 : How many failures of one index are.
      maxFailedIndexes 13 int32 : How many indexes may fail.
      selector 4 meta.LabelSelector : Which pods belong to it; the system fills it in.
      manualSelector 5 bool : Whether the selector is the user's own.
      template! 6 core.PodTemplateSpec : What the pods are made from.
      ttlSecondsAfterFinished 8 int32 : How long it is kept after its end.
      completionMode 9 string ="NonIndexed" : NonIndexed, or Indexed where each pod has a number.
      suspend 10 bool =false : Whether it is not to work for now.
      podReplacementPolicy 14 string : When a pod that ends is replaced: TerminatingOrFailed or Failed.
      managedBy 15 string : The controller in charge, where it is not the built-in one.

    PodFailurePolicy : What a failed pod means.
      rules! 1 []PodFailurePolicyRule atomic : The rules; the first that fits counts.

    PodFailurePolicyRule : What some failures mean.
      action! 1 string : FailJob, FailIndex, Ignore or Count.
      onExitCodes 2 PodFailurePolicyOnExitCodesRequirement : Exit codes it is about.
      onPodConditions 3 []PodFailurePolicyOnPodConditionsPattern atomic : Conditions of the pod it is about.

    PodFailurePolicyOnExitCodesRequirement : Some exit codes.
      containerName 1 string : Of which container; of all where nothing is said.
      operator! 2 string : In or NotIn.
      values! 3 []int32 set : The codes.

    PodFailurePolicyOnPodConditionsPattern : A condition of a pod.
      type! 1 string : Which.
      status 2 string ="True" : True, False or Unknown.

    SuccessPolicy : When a job has succeeded early.
      rules! 1 []SuccessPolicyRule atomic : The rules; one is enough.

    SuccessPolicyRule : Which indexes must succeed.
      succeededIndexes 1 string : The indexes, such as 1,3-5.
      succeededCount 2 int32 : How many of them.

    JobStatus : The state of a job.
      conditions 1 []JobCondition atomic merge(type) : How the job is.
      startTime 2 Time : When it was first worked on.
      completionTime 3 Time : When it succeeded.
      active 4 int32 : How many pods work.
      succeeded 5 int32 : How many have succeeded.
      failed 6 int32 : How many have failed.
      terminating 11 int32 : How many are ending.
      completedIndexes 7 string : Which indexes have succeeded.
      failedIndexes 10 string : Which have failed.
      uncountedTerminatedPods 8 UncountedTerminatedPods : Pods that ended and are not counted yet.
      ready 9 int32 : How many pods are ready.

    JobCondition : One aspect of a job's state.
      type! 1 string : Which aspect.
      status! 2 string : True, False or Unknown.
      lastProbeTime 3 Time : When this was last looked at.
      lastTransitionTime 4 Time : When the status last changed.
      reason 5 string : A word for why it changed.
      message 6 string : Why it changed, for people.

    UncountedTerminatedPods : Pods that ended and are not counted yet.
      succeeded 1 []string set : The identities of those that succeeded.
      failed 2 []string set : The identities of those that failed.

    JobTemplateSpec : What jobs are made from.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 JobSpec : What is wanted.

    CronJob kind list : Jobs that begin by the clock.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 CronJobSpec : What is wanted.
      status 3 CronJobStatus : What is the case, as the system last saw it.

    CronJobSpec : What is wanted of a cron job.
      schedule! 1 string : When, in the form of cron.
      timeZone 8 string : In which time zone.
      startingDeadlineSeconds 2 int64 : How late a job may begin.
      concurrencyPolicy 3 string ="Allow" enum(Allow|Forbid|Replace) : What happens while the last job still works.
      suspend 4 bool =false : Whether no job is to begin for now.
      jobTemplate! 5 JobTemplateSpec : What the jobs are made from.
      successfulJobsHistoryLimit 6 int32 =3 : How many jobs that succeeded are kept.
      failedJobsHistoryLimit 7 int32 =1 : How many jobs that failed are kept.

    CronJobStatus : The state of a cron job.
      active 1 []core.ObjectReference atomic : The jobs that work.
      lastScheduleTime 4 Time : When the last job began.
      lastSuccessfulTime 5 Time : When a job last succeeded.
    """#
}
