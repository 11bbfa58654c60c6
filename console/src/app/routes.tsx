// All pages: their path, their name, their place in the navigation, their file. The one list that
// a new page is added to; what is not in it is not shown. See docs/howto/add-a-console-page.md.
import type { ComponentType } from "react";

export interface Page {
  /** Below /console, such as `/domains/:DomainId`. */
  path: string;
  /** In the navigation; pages without it are reached from others. */
  nav?: { text: string; section: Section };
  load: () => Promise<{ default: ComponentType }>;
}

export type Section = "Machine learning" | "Money" | "Governance" | "";

export const SECTIONS: Section[] = ["", "Machine learning", "Money", "Governance"];

export const PAGES: Page[] = [
  {
    path: "/domains",
    nav: { text: "Domains", section: "" },
    load: () => import("~/pages/domains/Domains"),
  },
  { path: "/domains/create", load: () => import("~/pages/create-domain/CreateDomain") },
  { path: "/domains/:DomainId", load: () => import("~/pages/domain/Domain") },
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
  { path: "/open", load: () => import("~/pages/open/Open") },
];

/** Where nobody said where to go. */
export const HOME = "/domains";

export const hasPage = (path: string): boolean => PAGES.some((page) => page.path === path);
