import { Component, type ReactNode } from "react";
import { Failure } from "./failure";

interface Props {
  children: ReactNode;
}

/** What fails inside is shown in its place; everything around it goes on. */
export class ErrorBoundary extends Component<Props, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return (
      <div className="p-4">
        <Failure error={this.state.error} retry={() => this.setState({ error: undefined })} />
      </div>
    );
  }
}
