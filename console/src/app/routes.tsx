// All pages: their path, their name, their place in the navigation, their file. The one list that
// a new page is added to; what is not in it is not shown. See docs/howto/add-a-console-page.md.
import type { ComponentType } from "react";

export interface Page {
  /** Below /console, such as `/domains/:DomainId`. */
  path: string;
  /** In the navigation; pages without it are reached from others. */
  nav?: { text: string; section: Section; tool?: Tool };
  load: () => Promise<{ default: ComponentType }>;
}

/** AWS's name of it, by which a profile may hide it (StudioWebPortalSettings.HiddenMlTools). */
type Tool = "Training" | "Experiments" | "Models" | "Pipelines";

export type Section = "Machine learning" | "Money" | "Governance" | "";

export const SECTIONS: Section[] = ["", "Machine learning", "Money", "Governance"];

export const PAGES: Page[] = [
  {
    path: "/home",
    nav: { text: "My work", section: "" },
    load: () => import("~/pages/home/Home"),
  },
  {
    path: "/domains",
    nav: { text: "Domains", section: "" },
    load: () => import("~/pages/domains/Domains"),
  },
  { path: "/domains/create", load: () => import("~/pages/create-domain/CreateDomain") },
  { path: "/domains/:DomainId/delete", load: () => import("~/pages/delete-domain/DeleteDomain") },
  { path: "/domains/:DomainId/users/add", load: () => import("~/pages/add-user/AddUser") },
  {
    path: "/domains/:DomainId/users/:UserProfileName/sign-in",
    load: () => import("~/pages/add-user/MakeSignIn"),
  },
  { path: "/domains/:DomainId/users/:UserProfileName", load: () => import("~/pages/user/User") },
  { path: "/domains/:DomainId/spaces/:SpaceName", load: () => import("~/pages/space/Space") },
  { path: "/domains/:DomainId", load: () => import("~/pages/domain/Domain") },
  { path: "/open", load: () => import("~/pages/open/Open") },
  {
    path: "/jobs",
    nav: { text: "Jobs", section: "Machine learning", tool: "Training" },
    load: () => import("~/pages/jobs/Jobs"),
  },
  { path: "/jobs/training/:JobName", load: () => import("~/pages/job/TrainingJob") },
  { path: "/jobs/processing/:JobName", load: () => import("~/pages/job/ProcessingJob") },
  {
    path: "/experiments",
    nav: { text: "Experiments", section: "Machine learning", tool: "Experiments" },
    load: () => import("~/pages/experiments/Experiments"),
  },
  { path: "/experiments/:ExperimentName", load: () => import("~/pages/experiment/Experiment") },
  {
    path: "/registry",
    nav: { text: "Model registry", section: "Machine learning", tool: "Models" },
    load: () => import("~/pages/registry/Registry"),
  },
  { path: "/registry/:GroupName", load: () => import("~/pages/registry/group/Group") },
  {
    path: "/registry/:GroupName/:VersionNumber",
    load: () => import("~/pages/registry/version/Version"),
  },
  { path: "/models/:ModelName", load: () => import("~/pages/model/Model") },
  {
    path: "/pipelines",
    nav: { text: "Pipelines", section: "Machine learning", tool: "Pipelines" },
    load: () => import("~/pages/pipelines/Pipelines"),
  },
  { path: "/pipelines/:PipelineName", load: () => import("~/pages/pipeline/Pipeline") },
  { path: "/objects", load: () => import("~/pages/objects/Objects") },
  {
    path: "/costs",
    nav: { text: "Costs", section: "Money" },
    load: () => import("~/pages/costs/Costs"),
  },
  {
    path: "/budgets",
    nav: { text: "Budgets", section: "Money" },
    load: () => import("~/pages/budgets/Budgets"),
  },
  { path: "/budgets/create", load: () => import("~/pages/budgets/wizard/CreateBudget") },
  { path: "/budgets/:BudgetName", load: () => import("~/pages/budgets/Budget") },
  { path: "/budgets/:BudgetName/edit", load: () => import("~/pages/budgets/wizard/EditBudget") },
  {
    path: "/people",
    nav: { text: "People", section: "Governance" },
    load: () => import("~/pages/people/People"),
  },
  { path: "/people/create", load: () => import("~/pages/people/CreateUser") },
  { path: "/people/:UserName", load: () => import("~/pages/person/Person") },
  {
    path: "/access",
    nav: { text: "Access", section: "Governance" },
    load: () => import("~/pages/access/Access"),
  },
  {
    path: "/activity",
    nav: { text: "Activity", section: "Governance" },
    load: () => import("~/pages/activity/Activity"),
  },
  {
    path: "/backfill",
    nav: { text: "Backfill", section: "Governance" },
    load: () => import("~/pages/backfill/Backfill"),
  },
  {
    path: "/settings",
    nav: { text: "Account settings", section: "Governance" },
    load: () => import("~/pages/account/Account"),
  },
];

/** Where nobody said where to go: it leads on to whose page it is. */
export const landing = () => import("~/pages/home/Landing");
