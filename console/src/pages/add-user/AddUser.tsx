// /console/domains/{DomainId}/users/add: a person in three steps: who, settings, review with the
// command. What is typed survives reloading and a lost connection.
import { CreateUserProfileCommand, DescribeDomainCommand } from "@aws-sdk/client-sagemaker";
import Alert from "@cloudscape-design/components/alert";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useNavigate, useParams } from "react-router";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { useCall } from "~/aws/useCall";
import { Page } from "~/page/Page";
import { useDraft } from "~/page/useDraft";
import { ProblemText } from "~/views/ProblemText";
import { View } from "~/views/View";
import { useWizard } from "~/wizard/useWizard";
import { CHECKS, EMPTY, requestOf } from "./draft";
import { GeneralStep } from "./GeneralStep";
import { ReviewStep } from "./ReviewStep";
import { SettingsStep } from "./SettingsStep";

export default function AddUser() {
  const { DomainId = "" } = useParams();
  const navigate = useNavigate();
  const domain = useCall(sagemaker, DescribeDomainCommand, { DomainId });
  const [draft, change, forget] = useDraft(`add-user-${DomainId}`, EMPTY);
  const { at, troubles, go } = useWizard(draft, CHECKS);
  const users = `/domains/${DomainId}?tab=users`;
  const add = useAction(
    () => sagemaker.send(CreateUserProfileCommand, requestOf(DomainId, draft)),
    {
      done: () => `User profile ${draft.name} was added.`,
    },
  );

  async function submit(): Promise<void> {
    if (!(await add.run())) return;
    forget();
    navigate(`/domains/${DomainId}/users/${draft.name}`);
  }

  return (
    <Page
      title="Add user"
      above={[
        { text: "Domains", to: "/domains" },
        { text: domain.data?.DomainName ?? DomainId, to: `/domains/${DomainId}` },
        { text: "User profiles", to: users },
      ]}
    >
      <View of={domain} what={`the domain ${DomainId}`}>
        {(whole) => {
          const given = { draft, change, troubles, domain: whole };
          return (
            <Wizard
              activeStepIndex={at}
              onNavigate={({ detail }) => go(detail.requestedStepIndex)}
              onCancel={() => {
                forget();
                navigate(users);
              }}
              onSubmit={() => void submit()}
              isLoadingNextStep={add.isRunning}
              submitButtonText="Add user"
              steps={[
                { title: "General", content: <GeneralStep {...given} /> },
                { title: "Settings", content: <SettingsStep {...given} /> },
                {
                  title: "Review",
                  content: (
                    <SpaceBetween size="l">
                      <ReviewStep {...given} onEdit={go} />
                      {add.problem && (
                        <Alert type="error" header={add.problem.code}>
                          <ProblemText problem={add.problem} />
                        </Alert>
                      )}
                    </SpaceBetween>
                  ),
                },
              ]}
            />
          );
        }}
      </View>
    </Page>
  );
}
