// Made by `npm run generate` from the server's OpenAPI description; don't edit.

export interface paths {
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The public keys that verify JWTs */
        get: operations["auth.well_known_jwks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The action catalogue with its schemas */
        get: operations["actions.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/actions/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Runs an action; it checks its own permission too */
        post: operations["actions.call"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists what happened in the installation, newest first */
        get: operations["audit.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/jwks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The public keys that verify JWTs */
        get: operations["auth.jwks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a new signing key for JWTs now */
        post: operations["keys.rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Signs in: sets the session cookie */
        post: operations["auth.login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends the session and its cookie */
        post: operations["auth.logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A short-lived JWT for a name and password, or for the caller */
        post: operations["auth.token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The datasets of a project */
        get: operations["datasets.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One dataset and its inputs */
        get: operations["datasets.show"];
        put?: never;
        post?: never;
        /** Delete a dataset */
        delete: operations["datasets.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The bytes of a dataset */
        get: operations["datasets.content"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{id}/grid": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A dataset as values on a grid, thinned to means of blocks */
        get: operations["datasets.grid"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{id}/lineage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What it was made from, and what from it */
        get: operations["datasets.lineage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{id}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A first look at a dataset */
        get: operations["datasets.preview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{id}/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Columns of a dataset against one of them, thinned so that extremes stay */
        get: operations["datasets.series"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This description as a page to browse */
        get: operations["docs.page"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/docs.css": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The page's style */
        get: operations["docs.style"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/docs.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The page's script */
        get: operations["docs.script"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/environments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Environments with their types */
        get: operations["environments.list"];
        put?: never;
        /** Adds an environment or reads it anew */
        post: operations["environments.add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/environments/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One environment */
        get: operations["environments.show"];
        put?: never;
        post?: never;
        /** Removes an environment */
        delete: operations["environments.remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/environments/{name}/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reads an environment's types anew */
        post: operations["environments.refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/kernelspecs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Kernels that notebooks can have */
        get: operations["notebooks.kernelspecs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is asking, with roles and permissions */
        get: operations["account.show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes one's own name, address or password */
        patch: operations["account.update"];
        trace?: never;
    };
    "/api/notebooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Notebooks of a project, newest first */
        get: operations["notebooks.list"];
        put?: never;
        /** Makes a notebook */
        post: operations["notebooks.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One notebook */
        get: operations["notebooks.show"];
        put?: never;
        post?: never;
        /** Deletes a notebook */
        delete: operations["notebooks.delete"];
        options?: never;
        head?: never;
        /** Gives a notebook another name or title */
        patch: operations["notebooks.change"];
        trace?: never;
    };
    "/api/notebooks/{id}/cells": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Cells with sources, outputs and runs */
        get: operations["notebooks.cells"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/checkpoint": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Writes a notebook into its file now */
        post: operations["notebooks.checkpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/comments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The comments of a notebook, thread by thread */
        get: operations["notebooks.comments"];
        put?: never;
        /** Writes a comment, or a reply */
        post: operations["notebooks.comment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/comments/{comment}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Deletes a comment; with a thread's first one the whole thread */
        delete: operations["notebooks.delete_comment"];
        options?: never;
        head?: never;
        /** Changes a comment, or settles its thread */
        patch: operations["notebooks.change_comment"];
        trace?: never;
    };
    "/api/notebooks/{id}/comms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Commands and messages over a WebSocket; each method has its own permission */
        get: operations["notebooks.comms"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Settings for the front end */
        get: operations["notebooks.config"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/conflicts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was changed on both sides of a merge */
        get: operations["notebooks.conflicts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/conflicts/{conflict}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends a conflict by a choice */
        post: operations["notebooks.resolve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A notebook as a file: ipynb, py (percent format), html, md */
        get: operations["notebooks.export"];
        /** Merges a file that was changed outside into the notebook */
        put: operations["notebooks.bring_file"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A notebook as it was at a time: sources, layout, outputs */
        get: operations["notebooks.history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/kernel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The kernel and what waits for it */
        get: operations["notebooks.kernel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/kernel/interrupt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Interrupts what runs */
        post: operations["notebooks.interrupt_kernel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/kernel/restart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Starts the kernel anew */
        post: operations["notebooks.restart_kernel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/kernel/shutdown": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends the kernel */
        post: operations["notebooks.shutdown_kernel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/kernel/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Starts the kernel */
        post: operations["notebooks.start_kernel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/outputs/{output}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An output that is too big for the document; takes Range */
        get: operations["notebooks.output"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/place": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Lets a notebook's file lie in a workspace's volume, or in the project's storage */
        put: operations["notebooks.set_place"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/process-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a process type of the notebook as it is now; needs `processes.script` too */
        post: operations["notebooks.publish"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/process-types/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a process type of the notebook away; what was made of it stays */
        delete: operations["notebooks.unpublish"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Runs of cells, newest first */
        get: operations["notebooks.runs"];
        put?: never;
        /** Puts cells on the queue */
        post: operations["notebooks.run"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The document over a WebSocket (y-websocket protocol) */
        get: operations["notebooks.sync"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How much of outputs is stored, and may be */
        get: operations["notebooks.usage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a notebook was before */
        get: operations["notebooks.versions"];
        put?: never;
        /** Keeps a notebook as it is now, under a name */
        post: operations["notebooks.name_version"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/versions/{v}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A version with its content */
        get: operations["notebooks.version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/versions/{v}/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What changed since a version, cell by cell */
        get: operations["notebooks.version_changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/versions/{v}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The file of a version */
        get: operations["notebooks.version_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notebooks/{id}/versions/{v}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a notebook what a version was, by ordinary edits */
        post: operations["notebooks.restore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This description, as OpenAPI 3.1 */
        get: operations["docs.openapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/prices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The price list in force */
        get: operations["prices.show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/process-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Process types with their schemas */
        get: operations["process_types.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/process-types/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One process type */
        get: operations["process_types.show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/processes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Processes of a project, newest first */
        get: operations["processes.list"];
        put?: never;
        /** Makes a process and queues its first version */
        post: operations["processes.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/processes/estimate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a version would cost; checks the parameters */
        post: operations["processes.estimate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/processes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One process with all its versions */
        get: operations["processes.show"];
        put?: never;
        post?: never;
        /** Deletes a process with its outputs and logs */
        delete: operations["processes.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/processes/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancels the newest version */
        post: operations["processes.cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/processes/{id}/compare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Two versions side by side */
        get: operations["processes.compare"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/processes/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The log: a page as JSON, or the whole as lines or text */
        get: operations["processes.logs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/processes/{id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Queues a further version */
        post: operations["processes.create_version"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/processes/{id}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One version */
        get: operations["processes.show_version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/processes/{id}/versions/{version}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancels a version */
        post: operations["processes.cancel_version"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the projects that you may see */
        get: operations["projects.list"];
        put?: never;
        /** Makes a project; you become its administrator */
        post: operations["projects.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a project and what it has */
        get: operations["projects.show"];
        put?: never;
        post?: never;
        /** Archives a project; PATCH `archived: false` brings it back */
        delete: operations["projects.archive"];
        options?: never;
        head?: never;
        /** Changes a project (limits need `projects.administer`) */
        patch: operations["projects.update"];
        trace?: never;
    };
    "/api/projects/{project}/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened in a project, newest first */
        get: operations["audit.project"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/credits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Adds credit to a project */
        post: operations["ledger.topup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/figures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists a project's figures, newest first */
        get: operations["figures.list"];
        put?: never;
        /** Saves a new plot or map */
        post: operations["figures.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/figures/{figure}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One figure with what is in it */
        get: operations["figures.show"];
        /** Changes a figure; 409 `figure_changed` (with `revision`) when it was based on another revision */
        put: operations["figures.put"];
        post?: never;
        /** Deletes a figure */
        delete: operations["figures.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/graph": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The processes of a project and the data between them */
        get: operations["processes.graph"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/layouts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists your own layouts in a project */
        get: operations["layouts.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/layouts/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One of your own layouts */
        get: operations["layouts.show"];
        /** Saves a layout of your own; 409 `layout_changed` (with `revision`) when it was based on another one */
        put: operations["layouts.put"];
        post?: never;
        /** Deletes a layout of your own */
        delete: operations["layouts.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A project's credit and journal */
        get: operations["ledger.show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists a project's members */
        get: operations["members.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/members/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Makes a user a member, or changes the role */
        put: operations["members.put"];
        post?: never;
        /** Ends a membership (`members.manage`, or one's own) */
        delete: operations["members.remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists roles and what they may do */
        get: operations["roles.list"];
        put?: never;
        /** Makes a role */
        post: operations["roles.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/roles/{role}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a role */
        get: operations["roles.show"];
        put?: never;
        post?: never;
        /** Deletes a role that nobody has */
        delete: operations["roles.delete"];
        options?: never;
        head?: never;
        /** Changes a role of your own */
        patch: operations["roles.update"];
        trace?: never;
    };
    "/api/services": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Services that can be opened as workspaces */
        get: operations["services.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/services/{service}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One service with its definition */
        get: operations["services.show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists one's own sessions */
        get: operations["account.sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends one of one's own sessions */
        delete: operations["account.end_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the installation waits for its first administrator */
        get: operations["setup.show"];
        put?: never;
        /** Makes the first administrator with the token of the set-up link, and signs in */
        post: operations["setup.complete"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the server is doing */
        get: operations["platform.status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/storage/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An access key for one's own S3 client */
        post: operations["storage.keys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists one's own API tokens, or everybody's */
        get: operations["tokens.list"];
        put?: never;
        /** Makes an API token; the secret is shown this once */
        post: operations["tokens.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends an API token */
        delete: operations["tokens.revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/units": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What runs and waits over all projects */
        get: operations["units.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The uploads of a project */
        get: operations["uploads.list"];
        /** Upload a file in one request */
        put: operations["uploads.put"];
        /** Begin a resumable upload (tus 1.0) */
        post: operations["uploads.begin"];
        delete?: never;
        /** What resumable uploads can do here */
        options: operations["uploads.options"];
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/uploads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One upload */
        get: operations["uploads.show"];
        put?: never;
        post?: never;
        /** Delete an upload, or give one up */
        delete: operations["uploads.delete"];
        options?: never;
        /** Where a resumable upload stands */
        head: operations["uploads.progress"];
        /** Go on with a resumable upload */
        patch: operations["uploads.append"];
        trace?: never;
    };
    "/api/uploads/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The bytes of an upload */
        get: operations["uploads.content"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/uploads/{id}/grid": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An upload as values on a grid, thinned to means of blocks */
        get: operations["uploads.grid"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/uploads/{id}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A first look at an upload */
        get: operations["uploads.preview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/uploads/{id}/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Columns of an upload against one of them, thinned so that extremes stay */
        get: operations["uploads.series"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists users by name */
        get: operations["users.list"];
        put?: never;
        /** Makes a user */
        post: operations["users.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a user */
        get: operations["users.show"];
        put?: never;
        post?: never;
        /** Deletes a user */
        delete: operations["users.delete"];
        options?: never;
        head?: never;
        /** Changes a user's roles, password or access */
        patch: operations["users.update"];
        trace?: never;
    };
    "/api/workspace-orphans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Things that run though no record claims them */
        get: operations["workspaces.orphans"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workspace-orphans/{unit}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends an orphan */
        delete: operations["workspaces.end_orphan"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workspace-orphans/{unit}/adopt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes an orphan up again as a workspace */
        post: operations["workspaces.adopt"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workspaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's workspaces and those shared with one */
        get: operations["workspaces.list"];
        put?: never;
        /** Opens a workspace: a stopped one, or a new one of a service */
        post: operations["workspaces.open"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workspaces/{workspace}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One workspace */
        get: operations["workspaces.show"];
        put?: never;
        post?: never;
        /** Deletes a stopped workspace with its volume */
        delete: operations["workspaces.delete"];
        options?: never;
        head?: never;
        /** Gives a workspace another title */
        patch: operations["workspaces.rename"];
        trace?: never;
    };
    "/api/workspaces/{workspace}/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was tried and what was concluded */
        get: operations["workspaces.health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workspaces/{workspace}/keep": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keeps a workspace from being stopped for being idle */
        post: operations["workspaces.keep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workspaces/{workspace}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The workspace's own log lines */
        get: operations["workspaces.logs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workspaces/{workspace}/notebooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The files of a workspace's volume that can be opened as live notebooks */
        get: operations["notebooks.volume_files"];
        put?: never;
        /** Opens a file of a workspace's volume as a live notebook of its project */
        post: operations["notebooks.open_file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workspaces/{workspace}/progress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Stages, place in the queue and log lines as they come, as server-sent events */
        get: operations["workspaces.progress"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workspaces/{workspace}/restart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stops a workspace and starts it again */
        post: operations["workspaces.restart"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workspaces/{workspace}/shares/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Lets a member of the project see or open a workspace */
        put: operations["workspaces.share"];
        post?: never;
        /** Takes a share away */
        delete: operations["workspaces.unshare"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workspaces/{workspace}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Starts a stopped workspace again */
        post: operations["workspaces.start"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workspaces/{workspace}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stops a workspace; its volume stays */
        post: operations["workspaces.stop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ws": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Topics over a WebSocket */
        get: operations["events.socket"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the server can do its work */
        get: operations["platform.health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Leads to the web app */
        get: operations["hub.root"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JupyterHub's API: its version */
        get: operations["hub.version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JupyterHub's API: its version */
        get: operations["hub.version_slash"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JupyterHub's API: there are no groups */
        get: operations["hub.groups"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JupyterHub's API: whether the hub is up */
        get: operations["hub.health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/info": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JupyterHub's API: what the hub is made of */
        get: operations["hub.info"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/oauth2/authorize": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** OAuth2: sends the browser back to a workspace with a code */
        get: operations["hub.oauth_authorize"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/oauth2/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** OAuth2: exchanges a code for a token */
        post: operations["hub.oauth_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/services": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JupyterHub's API: there are no such services */
        get: operations["hub.services"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/user": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JupyterHub's API: whose token it is, and what it may do */
        get: operations["hub.whoami"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JupyterHub's API: users with their servers */
        get: operations["hub.users"];
        put?: never;
        /** JupyterHub's API: makes users */
        post: operations["hub.users_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/users/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JupyterHub's API: one user with its servers */
        get: operations["hub.user"];
        put?: never;
        /** JupyterHub's API: makes a user */
        post: operations["hub.user_create"];
        /** JupyterHub's API: deletes a user */
        delete: operations["hub.user_delete"];
        options?: never;
        head?: never;
        /** JupyterHub's API: makes an administrator, or none */
        patch: operations["hub.user_change"];
        trace?: never;
    };
    "/hub/api/users/{user}/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** JupyterHub's API: a server tells when it was used */
        post: operations["hub.activity"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/users/{user}/server": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JupyterHub's API: the default server */
        get: operations["hub.server_default"];
        put?: never;
        /** JupyterHub's API: starts the default server */
        post: operations["hub.server_default_start"];
        /** JupyterHub's API: stops the default server */
        delete: operations["hub.server_default_stop"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/users/{user}/server/progress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JupyterHub's API: progress of a start */
        get: operations["hub.server_default_progress"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/users/{user}/servers/{server}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JupyterHub's API: one server */
        get: operations["hub.server"];
        put?: never;
        /** JupyterHub's API: starts a server; the name of a service opens one of it */
        post: operations["hub.server_start"];
        /** JupyterHub's API: stops a server, or removes it */
        delete: operations["hub.server_stop"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/users/{user}/servers/{server}/progress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JupyterHub's API: progress of a start */
        get: operations["hub.server_progress"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/users/{user}/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JupyterHub's API: a user's tokens */
        get: operations["hub.tokens"];
        put?: never;
        /** JupyterHub's API: makes a token */
        post: operations["hub.token_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/users/{user}/tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JupyterHub's API: one token */
        get: operations["hub.token"];
        put?: never;
        post?: never;
        /** JupyterHub's API: ends a token */
        delete: operations["hub.token_revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JupyterHub's API: whether the hub is up */
        get: operations["hub.health_page"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/home": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Leads to the web app */
        get: operations["hub.home"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Leads to the sign-in page */
        get: operations["hub.login"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ends the session */
        get: operations["hub.logout"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/spawn/{user}/{server}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page from which a stopped workspace is started */
        get: operations["hub.spawn_page"];
        put?: never;
        /** Starts a stopped workspace and leads to it */
        post: operations["hub.spawn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/user-redirect/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Leads to a path of one's own default server */
        get: operations["hub.user_redirect"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics for Prometheus */
        get: operations["platform.metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A JWT, as the OAuth 2.0 token response has it (RFC 6749 §5.1). */
        AccessToken: {
            /** @description The JWT. */
            access_token: components["schemas"]["Secret"];
            /**
             * Format: int64
             * @description Seconds until it expires.
             */
            expires_in: number;
            /** @description Always `Bearer`. */
            token_type: string;
        };
        /** @description Who makes the request and what that one may do. */
        Account: {
            /** @description The name that people read. */
            display_name: string;
            /** @description Where to write to. */
            email?: string | null;
            /** @description The user's id; `system` for the platform itself. */
            id: string;
            /** @description The name to sign in with. */
            name: string;
            /** @description The only project that the token reaches. */
            only_project?: string | null;
            /** @description Permission patterns that hold everywhere. */
            permissions: string[];
            /** @description Permission patterns per project id. */
            projects: {
                [key: string]: string[];
            };
            /** @description Roles in the installation. */
            roles: string[];
            /** @description What the token that was used is narrowed to. */
            scopes?: string[] | null;
            /** @description The organisation. */
            tenant: string;
        };
        /** @description What changes about oneself; absent parts stay. */
        AccountPatch: {
            /** @description The present password; needed for a new one. */
            current_password?: components["schemas"]["Secret"] | null;
            /** @description The name that people read. */
            display_name?: string | null;
            /** @description Where to write to; empty removes it. */
            email?: string | null;
            /** @description A new password of at least 8 characters; it ends all other sessions and all JWTs. */
            password?: components["schemas"]["Secret"] | null;
        };
        ActionView: {
            /** @description JSON Schema of its input. */
            input: unknown;
            /** @description `noun.verb`. */
            name: string;
            /** @description JSON Schema of its output. */
            output: unknown;
            /** @description The permission that it needs. */
            permission: string;
            /** @description What it does. */
            summary: string;
        };
        AdoptOrphan: {
            /** @description In which project; the one of its labels unless told. */
            project?: string | null;
            /** @description Whose it is to be; the user of its labels unless told. */
            user?: string | null;
        };
        /** @description A definition that could not be read. */
        BrokenDefinition: {
            /** @description The file. */
            file: string;
            /** @description What is wrong, with the line. */
            why: string;
        };
        /** @description A number, a text (times as they stand in the file), or null. */
        Cell: number | string | null;
        /** @description How a cell differs between two versions. */
        CellChange: {
            /** @description The cell's id; nothing for the notebook itself. */
            cell: string;
            /** @description `added`, `removed`, `changed` or `moved`. */
            change: string;
            /** @description The source line by line, when it changed. */
            lines: components["schemas"]["Line"][];
            /** @description What of it changed: `source`, `type`, `outputs`, `metadata`, `layout`, `attachments`, `extra`. */
            parts: string[];
        };
        /** @description A cell as the document has it. */
        CellNow: {
            /**
             * Format: int64
             * @description The kernel's number for its run.
             */
            execution_count?: number | null;
            /** @description Its id. */
            id: string;
            /** @description Its outputs as in files, with an `id` each; what is `stored` is got from `outputs/{id}`. */
            outputs: unknown[];
            /** @description The newest run, as in the document: who, which source, which life of the kernel, and how it ended. */
            run: unknown;
            /** @description Its source. */
            source: string;
            /** @description `idle`, `queued`, `running` or `waiting` (for input). */
            state: string;
            /** @description `code`, `markdown` or `raw`. */
            type: string;
        };
        /** @description What one cell stores. */
        CellUsage: {
            /**
             * Format: uint64
             * @description Bytes of its outputs that are stored beside the document.
             */
            bytes: number;
            /** @description Id of the cell. */
            cell: string;
        };
        /** @description What changed. */
        Changes: {
            /** @description Cell by cell. */
            changes: components["schemas"]["CellChange"][];
        };
        Checkpoint: {
            /**
             * @description The document is right even if it lost cells that nobody was seen deleting.
             * @default false
             */
            believe?: boolean;
        };
        Choice: {
            /** @description Which version stays. */
            keep: components["schemas"]["Side"];
        };
        /** @description One column of a table. */
        Column: {
            /** @description Its heading, as it stands in the file; requests name columns by it. */
            name: string;
            /** @description What it stands for, where that is known. */
            role?: components["schemas"]["Role2"] | null;
            /** @description What its first cells are. */
            type: components["schemas"]["ColumnType"];
            /** @description The unit of its values, as its writer or its heading says: `depth (km)`, `depth [km]`. */
            unit?: string | null;
        };
        /** @description What the first cells of a column are. */
        ColumnType: "integer" | "number" | "boolean" | "time" | "text" | "empty";
        /** @description A comment. */
        Comment: {
            /** @description Who wrote it. */
            author: components["schemas"]["Person"];
            /** @description Markdown. */
            body: string;
            /** @description The cell it is about; absent when it is about the notebook. */
            cell?: string | null;
            /** @description When. */
            created_at: components["schemas"]["Timestamp"];
            /** @description When it was last changed. */
            edited_at?: components["schemas"]["Timestamp"] | null;
            /** @description `com_…`. */
            id: string;
            /** @description Who is named in it with `@name`, as far as they are members of the project. */
            mentions: components["schemas"]["Person"][];
            /** @description When the thread was settled; of a first comment alone. */
            resolved_at?: components["schemas"]["Timestamp"] | null;
            /** @description Who settled it. */
            resolved_by?: components["schemas"]["Person"] | null;
            /** @description The thread's first comment; of a first one its own id. */
            thread: string;
        };
        /** @description What changes about a comment; absent parts stay. */
        CommentPatch: {
            /** @description Markdown; its author alone changes it. */
            body?: string | null;
            /** @description Whether its thread is settled. */
            resolved?: boolean | null;
        };
        /** @description All comments of a notebook. */
        Comments: {
            /** @description By thread, oldest first. */
            items: components["schemas"]["Comment"][];
        };
        /** @description Two versions side by side. */
        Comparison: {
            /** @description The first version. */
            a: components["schemas"]["VersionView"];
            /** @description The second version. */
            b: components["schemas"]["VersionView"];
            /** @description What differs in parameters, resources, content of the inputs, state, cost and duration. */
            differences: components["schemas"]["Difference"][];
            /** @description Outputs by name: bytes in each. */
            outputs: components["schemas"]["OutputPair"][];
        };
        /** @description Two versions of one thing, of which somebody has to choose. */
        Conflict: {
            /** @description The cell, or nothing for the notebook itself. */
            cell: string;
            /** @description The same conflict has the same id. */
            id: string;
            /** @description The key, for metadata. */
            key?: string | null;
            /** @description What the document has; null when it was deleted there. */
            ours: unknown;
            /** @description What of it. */
            part: components["schemas"]["Part"];
            /** @description What the file has; null when it was deleted there. */
            theirs: unknown;
        };
        /** @description What somebody has to decide. */
        Conflicts: {
            /** @description Each with both versions. */
            items: components["schemas"]["Conflict"][];
        };
        /**
         * Format: int64
         * @description An amount in micro-credits (1 credit = 1,000,000). JSON: an integer, never a float.
         */
        Credits: number;
        /** @description Whether data was uploaded or made. */
        DataKind: "upload" | "dataset";
        /** @description A file that a version wrote. */
        Dataset: {
            /** @description The columns of a table, a GeoJSON collection or an array, as far as its first 256 KiB and its writer say. */
            columns: components["schemas"]["Column"][];
            /** @description When it was recorded. */
            created_at: components["schemas"]["Timestamp"];
            /** @description The reference system of its positions, where its writer or its content says it, for instance `EPSG:32633`. */
            crs?: string | null;
            /** @description What its writer said of it. */
            description?: string | null;
            /** @description `ds_…`. */
            id: components["schemas"]["DatasetId"];
            /** @description Its key in the project's bucket. */
            key: string;
            /** @description What kind of data it is. */
            media_type: string;
            /** @description Its path below the version's directory. */
            name: string;
            /** @description Whether its version ended before it was done; such data can't be an input. */
            partial: boolean;
            /** @description The process that wrote it. */
            process: components["schemas"]["ProcessId"];
            /** @description The process's name when it wrote it. */
            process_name?: string | null;
            /** @description The project it belongs to. */
            project: components["schemas"]["ProjectId"];
            /** @description SHA-256 in hexadecimal. */
            sha256: string;
            /** @description The lengths of its axes, as its writer said. */
            shape?: number[] | null;
            /**
             * Format: uint64
             * @description Bytes.
             */
            size: number;
            /** @description The units of its values, as its writer said: one for all, or a JSON object from column to unit. */
            units?: string | null;
            /**
             * Format: uint32
             * @description The version that wrote it.
             */
            version: number;
        };
        /** @description A dataset with what it was made from. */
        DatasetDetail: {
            /** @description The columns of a table, a GeoJSON collection or an array, as far as its first 256 KiB and its writer say. */
            columns: components["schemas"]["Column"][];
            /** @description When it was recorded. */
            created_at: components["schemas"]["Timestamp"];
            /** @description The reference system of its positions, where its writer or its content says it, for instance `EPSG:32633`. */
            crs?: string | null;
            /** @description What its writer said of it. */
            description?: string | null;
            /** @description `ds_…`. */
            id: components["schemas"]["DatasetId"];
            /** @description The inputs of the version that wrote it. */
            inputs: components["schemas"]["InputRef"][];
            /** @description Its key in the project's bucket. */
            key: string;
            /** @description What kind of data it is. */
            media_type: string;
            /** @description Its path below the version's directory. */
            name: string;
            /** @description Whether its version ended before it was done; such data can't be an input. */
            partial: boolean;
            /** @description The process that wrote it. */
            process: components["schemas"]["ProcessId"];
            /** @description The process's name when it wrote it. */
            process_name?: string | null;
            /** @description The project it belongs to. */
            project: components["schemas"]["ProjectId"];
            /** @description SHA-256 in hexadecimal. */
            sha256: string;
            /** @description The lengths of its axes, as its writer said. */
            shape?: number[] | null;
            /**
             * Format: uint64
             * @description Bytes.
             */
            size: number;
            /** @description The units of its values, as its writer said: one for all, or a JSON object from column to unit. */
            units?: string | null;
            /**
             * Format: uint32
             * @description The version that wrote it.
             */
            version: number;
        };
        /** @description A file that a version wrote. */
        DatasetId: string;
        /** @description One value that differs. */
        Difference: {
            /** @description The value in the first version; absent when it has none. */
            a?: unknown;
            /** @description The value in the second version. */
            b?: unknown;
            /** @description JSON Pointer. */
            path: string;
        };
        /** @description Settings of the editor. */
        EditorSettings: {
            /**
             * Format: uint32
             * @description In pixels.
             */
            fontSize: number;
            /** @description `on` or `off`. */
            lineNumbers: string;
        };
        /** @description The path of an HTTP check: begins with `/`, without spaces; a query is allowed. */
        Endpoint: string;
        /** @description One row of the journal. */
        Entry: {
            /** @description The amount in micro-credits; negative only for a downward adjustment. */
            amount: components["schemas"]["Credits"];
            /** @description The hold that this row ends. */
            hold?: string | null;
            /** @description The row's id. */
            id: string;
            /** @description What it is. */
            kind: components["schemas"]["EntryKind"];
            /** @description What the bill was made from. */
            meter?: unknown;
            /** @description A word about it. */
            note?: string | null;
            /** @description The process that it is for. */
            process?: string | null;
            /** @description The process's name when its run was paid for. */
            process_name?: string | null;
            /** @description When it was recorded. */
            time: components["schemas"]["Timestamp"];
            /**
             * Format: int64
             * @description The process's version.
             */
            version?: number | null;
        };
        /** @description What a row of the journal is. */
        EntryKind: "topup" | "hold" | "debit" | "release" | "expire" | "adjustment";
        /** @description An entry point that could not be loaded. */
        EntryPointError: {
            /** @description The entry point's name. */
            entry_point: string;
            /** @description Traceback or message. */
            error: string;
        };
        /** @description An environment. */
        Environment: {
            /** @description Entry points that could not be loaded, with the reason. */
            errors: components["schemas"]["EntryPointError"][];
            /** @description `env_…` */
            id: string;
            /** @description `python` (a virtualenv) or `native` (a manifest of programs). */
            kind: string;
            /** @description What is wrong, or how far the preparation is. */
            message?: string | null;
            /** @description Unique name, for instance `bootstrap`. */
            name: string;
            /** @description Version of the interpreter and of the packages, as found. */
            packages: unknown;
            /** @description Path of the interpreter. */
            python?: string | null;
            /** @description When its types were last read. */
            refreshed_at: components["schemas"]["Timestamp"];
            /** @description `ready`, `preparing` or `broken`. */
            state: string;
            /** @description Names of its process types. */
            types: string[];
        };
        /** @description What a version would cost. */
        Estimate: {
            /** @description What the project can spend now, in micro-credits. */
            available: components["schemas"]["Credits"];
            /** @description Whether it is covered. */
            covered: boolean;
            /** @description The hold: resources × deadline, in micro-credits. */
            hold: components["schemas"]["Credits"];
            /** @description The parameters with defaults filled in. */
            parameters: unknown;
            /** @description Price of one second, in micro-credits. */
            per_second: components["schemas"]["Credits"];
            /** @description Name of the price list. */
            prices: string;
            /** @description The resources, all decided. */
            resources: components["schemas"]["Resources"];
        };
        /** @description A fact that was committed. */
        Event: {
            /** @description Who did it: `user_…`, `system` or `anonymous`. */
            actor: string;
            /** @description The name of who did it. */
            actor_name: string;
            /** @description When it was recorded. */
            at: components["schemas"]["Timestamp"];
            /** @description The details. */
            data: unknown;
            /** @description Unique id. */
            id: string;
            /** @description The project it belongs to. */
            project?: string | null;
            /** @description The request in which it happened, as in the logs. */
            request_id: string;
            /**
             * Format: int64
             * @description Position in the log, from 1, without gaps.
             */
            seq: number;
            /** @description The address under which it is published. */
            topic: string;
            /** @description What happened. */
            type: string;
        };
        /** @description A page of events, newest first. */
        EventPage: {
            /** @description The events. */
            items: components["schemas"]["Event"][];
            /**
             * Format: int64
             * @description Pass as `before` for the next page; absent on the last.
             */
            next?: number | null;
        };
        /** @description How the program ended. */
        ExitView: {
            /**
             * Format: int32
             * @description Exit code, when the program returned one.
             */
            code?: number | null;
            /**
             * Format: uint64
             * @description Processor time used, in milliseconds.
             */
            cpu_ms: number;
            /**
             * Format: uint64
             * @description Most memory used at once, in KiB.
             */
            max_rss_kb: number;
            /**
             * Format: int32
             * @description The signal that ended it.
             */
            signal?: number | null;
        };
        /** @description A figure. */
        Figure: {
            /** @description When it was made. */
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it (`user_…`). */
            created_by: string;
            /** @description `fig_…`. */
            id: components["schemas"]["FigureId"];
            /** @description What it is. */
            kind: components["schemas"]["FigureKind"];
            /** @description The name that people read; need not be unique. */
            name: string;
            /**
             * Format: int64
             * @description Grows with each change, from 1; a change names the one it was based on.
             */
            revision: number;
            /** @description What is in it, as the web app understands it. */
            spec: {
                [key: string]: unknown;
            };
            /** @description When it was last changed. */
            updated_at: components["schemas"]["Timestamp"];
        };
        /** @description A figure as it shall be from now on. */
        FigureChange: {
            /** @description 1 to 80 characters. */
            name: string;
            /**
             * Format: int64
             * @description The revision that the change was based on.
             */
            revision: number;
            /** @description What is in it: a JSON object of at most 1 MiB. */
            spec: {
                [key: string]: unknown;
            };
        };
        /** @description A figure without what is in it, as lists have it. */
        FigureEntry: {
            /** @description When it was made. */
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it (`user_…`). */
            created_by: string;
            /** @description `fig_…`. */
            id: components["schemas"]["FigureId"];
            /** @description What it is. */
            kind: components["schemas"]["FigureKind"];
            /** @description The name that people read; need not be unique. */
            name: string;
            /**
             * Format: int64
             * @description Grows with each change, from 1; a change names the one it was based on.
             */
            revision: number;
            /** @description When it was last changed. */
            updated_at: components["schemas"]["Timestamp"];
        };
        /** @description A saved plot or map. */
        FigureId: string;
        /** @description What a figure is. */
        FigureKind: "plot" | "map";
        /** @description How the file stands, as in the document's `file`. */
        FileState: {
            /** @description `name`, `saved_at`, `dirty_since`, `error`, `conflicts`. */
            file: unknown;
        };
        /** @description Processes and the data between them. */
        Flow: {
            /** @description The uploads that they read. */
            data: components["schemas"]["FlowData"][];
            /** @description The processes, newest first. */
            nodes: components["schemas"]["FlowNode"][];
            /** @description Whether there are older processes than these. */
            truncated: boolean;
        };
        /** @description An upload that a process reads. */
        FlowData: {
            /** @description The upload's id. */
            id: string;
            /** @description Always `upload`. */
            kind: components["schemas"]["DataKind"];
            /** @description Media type. */
            media_type: string;
            /** @description Its name when it was read. */
            name: string;
            /**
             * Format: uint64
             * @description Bytes.
             */
            size: number;
        };
        /** @description Data that a process reads. */
        FlowInput: {
            /** @description The id of the upload or dataset. */
            id: string;
            /** @description Which of the two it is. */
            kind: components["schemas"]["DataKind"];
            /** @description Media type. */
            media_type: string;
            /** @description Its name. */
            name: string;
            /** @description JSON Pointer of the parameter. */
            path: string;
            /** @description The process that made it. */
            process?: string | null;
            /**
             * Format: int64
             * @description The version of that process.
             */
            version?: number | null;
        };
        /** @description A process, with its newest version. */
        FlowNode: {
            /** @description What it cost, in micro-credits; 0 until it ended. */
            cost: components["schemas"]["Credits"];
            /** @description When the process was made. */
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made the newest version. */
            created_by: string;
            /** @description When the newest version ended. */
            ended_at?: components["schemas"]["Timestamp"] | null;
            /** @description The environment that the type belongs to. */
            environment: string;
            /** @description What it reads. */
            inputs: components["schemas"]["FlowInput"][];
            /** @description Name for people. */
            name: string;
            /** @description What it wrote. */
            outputs: components["schemas"]["Output"][];
            /** @description `proc_…` */
            process: string;
            /** @description How far it says it is. */
            progress?: components["schemas"]["Progress"] | null;
            /** @description Why it failed or was cancelled, in words. */
            reason?: string | null;
            /** @description When the newest version's program started. */
            started_at?: components["schemas"]["Timestamp"] | null;
            /** @description State of the newest version. */
            state: components["schemas"]["State"];
            /** @description The process type. */
            type: string;
            /**
             * Format: int64
             * @description Number of the newest version.
             */
            version: number;
        };
        /** @description Name and password, or nothing when the caller is signed in. */
        ForToken: {
            /** @description The password. */
            password?: components["schemas"]["Secret"] | null;
            /** @description The user's name. */
            user?: string | null;
        };
        /** @description Values on a grid, as means of blocks where there are more than asked for. */
        Grid: {
            /** @description The reference system of `x` and `y`, where known. */
            crs?: string | null;
            /** @description What `z` is. */
            name: string;
            /** @description Rows and columns of the whole. */
            shape: number[];
            /** @description Rows and columns of `z`. */
            thinned_shape: number[];
            /** @description The unit of `z`. */
            unit?: string | null;
            /** @description The middle of each column: numbers, or times as text. */
            x: components["schemas"]["Cell"][];
            /** @description What `x` is: a column's name, or `column`. */
            x_name: string;
            /** @description The unit of `x`. */
            x_unit?: string | null;
            /** @description The middle of each row: numbers, or times as text. */
            y: components["schemas"]["Cell"][];
            /** @description What `y` is: a column's name, or `row`. */
            y_name: string;
            /** @description The unit of `y`. */
            y_unit?: string | null;
            /** @description Rows of values, `thinned_shape`; null where there are none. */
            z: (number | null)[][];
        };
        /** @description The grid that cells snap to. */
        GridSettings: {
            /**
             * Format: uint32
             * @description In pixels.
             */
            x: number;
            /**
             * Format: uint32
             * @description In pixels.
             */
            y: number;
        };
        /** @description One try. */
        HealthAttempt: {
            /**
             * Format: uint64
             * @description When it began, milliseconds since the unit was watched (monotonic).
             */
            at_ms: number;
            /** @description How it ended. */
            mark: components["schemas"]["HealthMark"];
            /**
             * Format: uint64
             * @description From 1.
             */
            number: number;
            /** @description In words. */
            reason: string;
            /**
             * Format: int64
             * @description When it began, milliseconds UTC.
             */
            time: number;
            /**
             * Format: uint64
             * @description How long it took, in microseconds.
             */
            took_us: number;
        };
        /** @description How to judge a service. Everything has a default that suits most services. */
        HealthCheck: {
            /** @description Command that is run beside the service instead of a request; `{port}` and `{prefix}` are filled in. */
            custom_health_command?: components["schemas"]["HealthCommand"] | null;
            /**
             * @description Path that is asked over HTTP.
             * @default /health
             */
            endpoint?: components["schemas"]["Endpoint"];
            /**
             * @description HTTP statuses that are a good answer.
             * @default 200-399
             */
            expect?: components["schemas"]["Statuses"];
            /**
             * Format: uint16
             * @description Port that is asked, if it is not the service's own: with several, the one that tells most directly.
             */
            health_check_port?: number | null;
            /**
             * @description Time from one try to the next while the service is well.
             * @default 15
             */
            interval?: components["schemas"]["Seconds"];
            /**
             * @description Where the backend judges health itself (containers), its word is taken instead of tries of our own.
             * @default false
             */
            prefer_backend_health?: boolean;
            /** @description `http`, `tcp` or `command`; unless told, `command` if there is a `custom_health_command`, else `http`. */
            probe?: components["schemas"]["ProbeKind"] | null;
            /**
             * Format: uint32
             * @description Failed tries in a row, spread over `retries × interval` at least, after which the service is unhealthy.
             * @default 8
             */
            retries?: number;
            /**
             * @description Time after the start in which failed tries count for nothing.
             * @default 45
             */
            start_period?: components["schemas"]["Seconds"];
            /**
             * @description Hard limit of one try.
             * @default 10
             */
            timeout?: components["schemas"]["Seconds"];
            /**
             * @description True: the endpoint is at the root of the service's own port. False: it is below the service's URL prefix
             *     (`/user/{user}/{workspace}`).
             * @default false
             */
            use_container_root?: boolean;
        };
        /** @description A copy of a [`Timeline`], for the wire. */
        HealthChronicle: {
            /** @description Tries, oldest first, in the order in which they ended. */
            attempts: components["schemas"]["HealthAttempt"][];
            /**
             * Format: uint64
             * @description Older tries that are not kept any more.
             */
            dropped: number;
            /** @description Changes, oldest first. */
            turns: components["schemas"]["HealthTurn"][];
        };
        /** @description A command: one text is given to `/bin/sh -c`, a list is run as it is. Exit code 0 is a good answer. */
        HealthCommand: string | string[];
        /** @description How a try ended, by name; the worse the greater. */
        HealthMark: "void" | "passed" | "strained" | "failed";
        /**
         * @description Where a service is: `starting → healthy ⇄ degraded → unhealthy → stopped`. An unhealthy service that answers
         *     again is healthy again, if its owner has let it live.
         */
        HealthState: "starting" | "healthy" | "degraded" | "unhealthy" | "stopped";
        /** @description A change of state or of its reason. */
        HealthTurn: {
            /**
             * Format: uint64
             * @description Milliseconds since the unit was watched (monotonic).
             */
            at_ms: number;
            /** @description Why, in words. */
            reason: string;
            /** @description The state from here on. */
            state: components["schemas"]["HealthState"];
            /**
             * Format: int64
             * @description Milliseconds UTC.
             */
            time: number;
        };
        /** @description A cell as it was. */
        HistoryCell: {
            /**
             * Format: int64
             * @description The number of its run.
             */
            execution_count?: number | null;
            /** @description Its id. */
            id: string;
            /** @description Where it lay: `top`, `left`, `width`, `height`, `collapsed`. */
            layout: unknown;
            /** @description Its outputs as in a file; what is `stored` is got from `outputs/{id}`. */
            outputs: unknown[];
            /** @description Its source. */
            source: string;
            /** @description `code`, `markdown` or `raw`. */
            type: string;
        };
        /** @description A notebook as it was at a time. */
        HistoryView: {
            /** @description Its cells in order. */
            cells: components["schemas"]["HistoryCell"][];
            /** @description The version that shows it. */
            version: components["schemas"]["VersionView2"];
        };
        /** @description Where to ask whether anything is busy. */
        IdleAsk: "none" | "jupyter" | "heartbeat";
        /** @description When an idle workspace is stopped. */
        IdleRules: {
            /**
             * @description Where to ask what is busy: `jupyter` (kernels and terminals), `heartbeat` (`/healthz` of IDE servers) or `none`.
             * @default none
             */
            ask?: components["schemas"]["IdleAsk"];
            /**
             * @description Paths below the workspace's own that never count as activity (what open tabs ask for by themselves); a `*`
             *     stands for any text.
             * @default []
             */
            ignore?: string[];
            /**
             * @description Whether a kernel or terminal that is busy keeps it, also when it says nothing.
             * @default true
             */
            keep_busy?: boolean;
            /**
             * @description Whether an open WebSocket keeps it, or only what is said over it.
             * @default false
             */
            keep_sockets?: boolean;
            /**
             * @description Longest life, however busy; 0 means none.
             * @default 0
             */
            max_age?: components["schemas"]["Seconds"];
            /**
             * @description Time without activity after which it is stopped; 0 means never.
             * @default 3600
             */
            timeout?: components["schemas"]["Seconds"];
            /**
             * @description How long before that its user is warned.
             * @default 300
             */
            warning?: components["schemas"]["Seconds"];
        };
        /** @description A reference that the parameters hold, as it was when the version was made. */
        Input: {
            /** @description The id of the upload or dataset. */
            id: string;
            /** @description Where it lies in the project's bucket. */
            key: string;
            /** @description Media type. */
            media_type: string;
            /** @description The data's name. */
            name: string;
            /** @description JSON Pointer of the parameter. */
            path: string;
            /** @description The process that made it. */
            process?: string | null;
            /** @description `upload:NAME` or `dataset:ID`. */
            reference: string;
            /** @description SHA-256 of the content, lower-case hex. */
            sha256: string;
            /** @description Shape as its maker gave it. */
            shape?: unknown;
            /**
             * Format: uint64
             * @description Bytes.
             */
            size: number;
            /** @description Units as its maker gave them. */
            units?: unknown;
            /**
             * Format: int64
             * @description The version of that process.
             */
            version?: number | null;
        };
        /** @description What an input is. */
        InputKind: "upload" | "dataset";
        /** @description One input of a version, for the lineage of what it writes. */
        InputRef: {
            /** @description `up_…` or `ds_…`. */
            id: string;
            /** @description Upload or dataset. */
            kind: components["schemas"]["InputKind"];
            /** @description Its name when it was used; an upload may be gone or replaced later. */
            name: string;
        };
        /** @description A token with its secret, which is shown this once. */
        IssuedToken: {
            /** @description When it ends. */
            expires_at?: components["schemas"]["Timestamp"] | null;
            /** @description The id. */
            id: components["schemas"]["TokenId"];
            /** @description What it is for. */
            name: string;
            /** @description The only project that it reaches. */
            project?: components["schemas"]["ProjectId"] | null;
            /** @description What it is narrowed to. */
            scopes?: string[] | null;
            /** @description `cas_…`: what to send as `Authorization: Bearer`. */
            secret: components["schemas"]["Secret"];
        };
        /** @description A list without pages. */
        Items: {
            /** @description The entries. */
            items: components["schemas"]["Session"][];
        };
        /** @description A list without pages. */
        Items2: {
            /** @description The entries. */
            items: components["schemas"]["Role"][];
        };
        KeepFor: {
            /**
             * Format: uint32
             * @description For how many minutes; four hours unless told.
             */
            minutes?: number | null;
        };
        /** @description The kernel of a notebook. */
        KernelView: {
            /**
             * Format: int64
             * @description Counts its lives.
             */
            incarnation: number;
            /** @description Anything else that the kernel said of itself. */
            info: unknown;
            /** @description Name of its kernelspec. */
            name?: string | null;
            /** @description Runs that wait, and the one that runs, in order. */
            queue: components["schemas"]["Run"][];
            /** @description Why it is as it is, when that is not plain. */
            reason?: string | null;
            /** @description As in the document: `none`, `starting`, `idle`, `busy`, `restarting`, `dead`. */
            state: string;
        };
        /** @description A kernel that could be started. */
        KernelspecView: {
            /** @description What people read. */
            display_name: string;
            /** @description Its language. */
            language: string;
            /** @description By which it is asked for. */
            name: string;
        };
        /** @description A layout of the workbench. */
        Layout: {
            /** @description When it was made. */
            created_at: components["schemas"]["Timestamp"];
            /** @description The layout itself, as the web app understands it. */
            layout: {
                [key: string]: unknown;
            };
            /** @description Its name, unique among one's own in the project. */
            name: string;
            /**
             * Format: int64
             * @description Grows with each change, from 1; a change names the one it was based on.
             */
            revision: number;
            /** @description When it was last changed. */
            updated_at: components["schemas"]["Timestamp"];
        };
        /** @description What a project has, and a page of its journal, newest first. */
        LedgerView: {
            /** @description What may still be held or spent. */
            available: components["schemas"]["Credits"];
            /** @description Topped up minus spent, in micro-credits. */
            balance: components["schemas"]["Credits"];
            /** @description The journal. */
            entries: components["schemas"]["Entry"][];
            /** @description Of the balance, what is set aside for running and queued work. */
            held: components["schemas"]["Credits"];
            /** @description Pass as `after` for the next page; absent on the last. */
            next?: string | null;
            /** @description What the amounts count; 1,000,000 are one credit. */
            unit: string;
        };
        /** @description What a project may use at once; an absent limit means the installation's. */
        Limits: {
            /**
             * Format: uint64
             * @description Processors of what runs, in thousandths.
             * @default null
             */
            cpu_millis?: number | null;
            /**
             * Format: uint64
             * @description Versions that wait.
             * @default null
             */
            max_queued?: number | null;
            /**
             * Format: uint64
             * @description Versions that run at once.
             * @default null
             */
            max_running?: number | null;
            /**
             * Format: uint64
             * @description Memory of what runs, in MiB.
             * @default null
             */
            memory_mb?: number | null;
            /**
             * Format: uint64
             * @description What the bucket may hold, in MiB.
             * @default null
             */
            storage_mb?: number | null;
        };
        /** @description A line of a difference as it is shown. */
        Line: {
            /** @description ` `, `-` or `+`. */
            sign: string;
            /** @description The line without its end. */
            text: string;
        };
        /** @description The graph around a dataset. */
        Lineage: {
            /** @description What was made from what. */
            edges: components["schemas"]["LineageEdge"][];
            /** @description Everything upstream and downstream of it, and itself. */
            nodes: components["schemas"]["LineageNode"][];
            /** @description The dataset that was asked for. */
            root: string;
            /** @description Whether the graph is larger than what is shown. */
            truncated: boolean;
        };
        /** @description “`to` was made from `from`.” */
        LineageEdge: {
            /** @description The input. */
            from: string;
            /** @description The dataset that was made. */
            to: string;
        };
        /** @description One upload or dataset of a lineage. */
        LineageNode: {
            /** @description Whether it was deleted or replaced since. */
            gone: boolean;
            /** @description `up_…` or `ds_…`. */
            id: string;
            /** @description Upload or dataset. */
            kind: components["schemas"]["InputKind"];
            /** @description Its name (when it was used, if it is gone). */
            name: string;
            /** @description The process that wrote it, for datasets. */
            process?: string | null;
            /**
             * Format: uint32
             * @description The version that wrote it, for datasets.
             */
            version?: number | null;
        };
        /** @description One line of a log, or a part of a very long one. */
        LogEntry: {
            /**
             * Format: double
             * @description On stream `progress`: from 0 to 1.
             */
            fraction?: number | null;
            /** @description The text without its newline. */
            line: string;
            /**
             * @description Whether the line goes on in the next entry of its stream.
             * @default false
             */
            more?: boolean;
            /**
             * @description Whether the stream ended without a newline.
             * @default false
             */
            open?: boolean;
            /** @description Base64 of the exact bytes, if these are not UTF-8. */
            raw?: string | null;
            /**
             * Format: uint64
             * @description From 1, without gaps.
             */
            seq: number;
            /** @description Where it came from. */
            stream: components["schemas"]["LogStream"];
            /**
             * Format: int64
             * @description When it was read, in milliseconds UTC since 1970.
             */
            time: number;
        };
        /** @description Lines of a log. */
        LogPage: {
            /** @description Whether the log has ended and nothing follows. */
            complete: boolean;
            /**
             * Format: uint64
             * @description The last line that was looked at: pass as `after` to go on.
             */
            last_seq: number;
            /** @description The lines, in order. */
            lines: components["schemas"]["LogEntry"][];
        };
        /** @description Where a line of a log came from. */
        LogStream: "stdout" | "stderr" | "system" | "progress";
        /** @description Programs as process types. */
        Manifest: {
            /** @description The types. */
            types: components["schemas"]["ManifestType"][];
        };
        /** @description A program as a process type. It gets the same environment variables as the Python runner. */
        ManifestType: {
            /** @description Program and arguments. */
            command: string[];
            /**
             * @description What it does.
             * @default
             */
            description?: string;
            /**
             * @description Whether equal parameters and inputs give an equal result.
             * @default false
             */
            deterministic?: boolean;
            /** @description Name, unique within the environment. */
            name: string;
            /**
             * @description Default resources.
             * @default {
             *       "cpu_millis": null,
             *       "deadline_s": null,
             *       "gpu": null,
             *       "memory_mb": null,
             *       "storage_mb": null
             *     }
             */
            resources?: components["schemas"]["ResourcesRequest"];
            /**
             * @description JSON Schema of its parameters; without one it takes none. `examples` at its root may list what can be tried
             *     at once: `[{title, about, parameters}]`.
             */
            schema?: unknown;
            /**
             * @description Title for people.
             * @default
             */
            title?: string;
            /**
             * @description The type's own version.
             * @default
             */
            version?: string;
        };
        /** @description What the caller may do with a notebook, beyond looking at it. */
        May: {
            /** @description Write comments. */
            comment: boolean;
            /** @description Change the document. */
            edit: boolean;
            /** @description Run cells. */
            run: boolean;
        };
        /** @description One member of a project. */
        Member: {
            /** @description The name that people read. */
            display_name: string;
            /** @description The user's name. */
            name: string;
            /** @description The role in the project. */
            role: string;
            /** @description When the user became a member. */
            since: components["schemas"]["Timestamp"];
            /** @description The user. */
            user: components["schemas"]["UserId"];
        };
        Name: {
            /** @description The version's name. */
            name: string;
        };
        /** @description A comment about to be written. */
        NewComment: {
            /** @description Markdown; `@name` tells that member of it. */
            body: string;
            /** @description The cell it is about. A reply is about what its thread is about. */
            cell?: string | null;
            /** @description The thread it replies to. */
            thread?: string | null;
        };
        /** @description What makes an environment. */
        NewEnvironment: {
            /** @description Or the programs themselves. */
            manifest?: components["schemas"]["Manifest"] | null;
            /** @description Unique name: lower-case letters, digits, `-`, `_`. */
            name: string;
            /** @description Absolute path of a virtualenv's interpreter that has the `castalia` package. */
            python?: string | null;
        };
        /** @description A figure about to be made. */
        NewFigure: {
            /** @description What it is. */
            kind: components["schemas"]["FigureKind"];
            /** @description 1 to 80 characters. */
            name: string;
            /** @description What is in it: a JSON object of at most 1 MiB. */
            spec: {
                [key: string]: unknown;
            };
        };
        /** @description The new key. */
        NewKey: {
            /** @description The id (`kid`). */
            key: string;
        };
        /** @description What the key is for. */
        NewKey2: {
            /**
             * Format: uint32
             * @description Its life in seconds (60 to 604800, 3600 unless told).
             */
            expires_in?: number | null;
            /** @description The project, by name or id. */
            project: string;
            /**
             * @description Whether it may write below `uploads/`.
             * @default false
             */
            write?: boolean;
        };
        NewMember: {
            /** @description The role in the project; `developer` unless told. */
            role?: string | null;
        };
        /** @description A notebook about to be made. */
        NewNotebook: {
            /** @description The content of a file (nbformat 4). */
            content?: unknown;
            /** @description Id of an upload of the project that is such a file. */
            from_upload?: string | null;
            /** @description Name of the kernelspec. */
            kernel?: string | null;
            /** @description Its name; `.ipynb` is added when it is missing. */
            name: string;
            /** @description Project, by name or id. */
            project: string;
            /** @description What people read first; the name unless told. */
            title?: string | null;
        };
        /** @description Where the file of a notebook is to lie. */
        NewPlace: {
            /** @description The path from the workspace's folder, ending in `.ipynb`; the notebook's name unless told. */
            path?: string | null;
            /** @description A workspace, by id or name; the project's storage unless told. */
            workspace?: string | null;
        };
        /** @description A process to be made, with its first version. */
        NewProcess: {
            /** @description Name for people; made from the type when absent. */
            name?: string | null;
            /**
             * @description Parameters as the type's schema says; data as `upload:NAME` or `dataset:ID`.
             * @default {}
             */
            parameters?: {
                [key: string]: unknown;
            };
            /**
             * Format: int32
             * @description Higher goes first (-100 to 100, 0 unless told).
             * @default 0
             */
            priority?: number;
            /** @description Project, by name or id. */
            project: string;
            /**
             * @description What it may use, where it differs from the type's defaults.
             * @default {
             *       "cpu_millis": null,
             *       "deadline_s": null,
             *       "gpu": null,
             *       "memory_mb": null,
             *       "storage_mb": null
             *     }
             */
            resources?: components["schemas"]["ResourcesRequest"];
            /**
             * @description Take over the result of an equal earlier run, if the type is deterministic and there is one.
             * @default false
             */
            reuse?: boolean;
            /** @description Process type, `NAME` or `ENVIRONMENT/NAME`. */
            type: string;
        };
        /** @description A project about to be made. */
        NewProject: {
            /** @description Its first credit in micro-credits (needs `ledger.topup`). */
            credits?: components["schemas"]["Credits"] | null;
            /** @description What it is about. */
            description?: string | null;
            /** @description What it may use at once (needs `projects.administer`). */
            limits?: components["schemas"]["Limits"] | null;
            /** @description 3 to 63 of `a-z 0-9 -`, beginning and ending with a letter or digit. */
            name: string;
            /** @description The name that people read; the name unless told. */
            title?: string | null;
        };
        /** @description A role about to be made. */
        NewRole: {
            /**
             * @description What it is for.
             * @default
             */
            description?: string;
            /**
             * @description What a user with this role may do in the whole installation.
             * @default []
             */
            everywhere?: string[];
            /** @description 2 to 32 of `a-z 0-9 _ -`, beginning with a letter. */
            name: string;
            /**
             * @description What a member with this role may do in the project.
             * @default []
             */
            permissions?: string[];
        };
        /** @description A token about to be made. */
        NewToken: {
            /** @description When it ends; never unless told. */
            expires_at?: components["schemas"]["Timestamp"] | null;
            /** @description What it is for. */
            name: string;
            /** @description The id of the only project that it reaches. */
            project?: components["schemas"]["ProjectId"] | null;
            /** @description Permission patterns that it is narrowed to. */
            scopes?: string[] | null;
        };
        /** @description How a notebook becomes a process type. */
        NewType: {
            /** @description What it does; the first words of the notebook unless told. */
            description?: string | null;
            /**
             * @description Name of the type, unique in the project: lower-case letters, digits, `-`, `_`. Made from the notebook's name when
             *     absent. A type of this name that is there already gets a new version.
             */
            name?: string | null;
            /**
             * @description What a process of it may use unless told.
             * @default {
             *       "cpu_millis": null,
             *       "deadline_s": null,
             *       "gpu": null,
             *       "memory_mb": null,
             *       "storage_mb": null
             *     }
             */
            resources?: components["schemas"]["ResourcesRequest"];
            /** @description Title for people; the notebook's unless told. */
            title?: string | null;
        };
        /** @description A user about to be made. */
        NewUser: {
            /** @description The name that people read; the name unless told. */
            display_name?: string | null;
            /** @description Where to write to. */
            email?: string | null;
            /** @description 1 to 64 of `a-z 0-9 . _ -`, beginning with a letter or digit. */
            name: string;
            /** @description At least 8 characters; without one the user can only be reached by tokens that an administrator makes. */
            password?: components["schemas"]["Secret"] | null;
            /** @description Roles in the installation; `developer` unless told. */
            roles?: string[] | null;
        };
        /** @description A further version of a process. */
        NewVersion: {
            /**
             * Format: int64
             * @description The version whose parameters and resources are taken where nothing else is said; the newest unless told.
             */
            base?: number | null;
            /** @description Parameters; those of `base` when absent. */
            parameters?: {
                [key: string]: unknown;
            } | null;
            /**
             * Format: int32
             * @description Higher goes first.
             */
            priority?: number | null;
            /**
             * @description Changes to the resources.
             * @default {
             *       "cpu_millis": null,
             *       "deadline_s": null,
             *       "gpu": null,
             *       "memory_mb": null,
             *       "storage_mb": null
             *     }
             */
            resources?: components["schemas"]["ResourcesRequest"];
            /**
             * @description Take over the result of an equal earlier run, if there is one.
             * @default false
             */
            reuse?: boolean;
        };
        /** @description What changes about a notebook; absent parts stay. */
        NotebookPatch: {
            /** @description Its name. */
            name?: string | null;
            /** @description What people read first. */
            title?: string | null;
        };
        /** @description A notebook. */
        NotebookView: {
            /**
             * Format: int64
             * @description How many cells it has.
             */
            cells: number;
            /** @description When it was made. */
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it. */
            created_by: components["schemas"]["Person"];
            /** @description The identity of its document: one that was made anew has another. */
            epoch: string;
            /** @description What is known of its file, as in the document. */
            file: unknown;
            /** @description `nb_…`. */
            id: string;
            /** @description Name of the kernelspec it wants. */
            kernel?: string | null;
            /** @description The kernel's language. */
            language?: string | null;
            /** @description What the caller may do with it. */
            may: components["schemas"]["May"];
            /** @description Its name, with the ending of its file. */
            name: string;
            /** @description Id of its project. */
            project: string;
            /** @description What people read first. */
            title: string;
            /** @description When it was last changed. */
            updated_at: components["schemas"]["Timestamp"];
            /** @description Where its file lies, if in a workspace's volume. */
            volume?: components["schemas"]["VolumeView"] | null;
        };
        /** @description A file of a workspace that is to be a live notebook. */
        OpenFile: {
            /** @description The notebook's name in the project; the file's unless told. */
            name?: string | null;
            /** @description Its path from the workspace's folder, ending in `.ipynb`. One that is not there is made. */
            path: string;
        };
        /** @description A workspace about to be opened. */
        OpenWorkspace: {
            /**
             * @description Makes another workspace even when there is one of this service in the project already.
             * @default false
             */
            new?: boolean;
            /**
             * @description The profile; the service's default unless told.
             * @default null
             */
            profile?: string | null;
            /**
             * @description Project, by name or id; one of the caller's unless told.
             * @default null
             */
            project?: string | null;
            /**
             * @description The service, for instance `lab`.
             * @default null
             */
            service?: string | null;
            /**
             * @description The name that people read.
             * @default null
             */
            title?: string | null;
            /**
             * @description An existing workspace (id or name) to start again, instead of a service.
             * @default null
             */
            workspace?: string | null;
        };
        /** @description An output. */
        Output: {
            /** @description `ds_…`; use it as `dataset:ID`. */
            id: string;
            /** @description Media type. */
            media_type: string;
            /** @description The name under which the process wrote it. */
            name: string;
            /**
             * Format: uint64
             * @description Bytes.
             */
            size: number;
        };
        /** @description An output in two versions. */
        OutputPair: {
            /** @description In the first version. */
            a?: components["schemas"]["Output"] | null;
            /** @description In the second version. */
            b?: components["schemas"]["Output"] | null;
            /** @description Whether both have the same content. */
            equal: boolean;
            /** @description Its name. */
            name: string;
        };
        /** @description Settings of outputs. */
        OutputSettings: {
            /**
             * Format: uint32
             * @description In pixels.
             */
            fontSize: number;
        };
        /** @description One page of a list. */
        PageOfCellNow: {
            /** @description The entries. */
            items: components["schemas"]["CellNow"][];
            /** @description Pass as `after` for the next page; absent on the last. */
            next?: string | null;
        };
        /** @description One page of a list. */
        PageOfDataset: {
            /** @description The entries. */
            items: components["schemas"]["Dataset"][];
            /** @description Pass as `after` for the next page; absent on the last. */
            next?: string | null;
        };
        /** @description One page of a list. */
        PageOfFigureEntry: {
            /** @description The entries. */
            items: components["schemas"]["FigureEntry"][];
            /** @description Pass as `after` for the next page; absent on the last. */
            next?: string | null;
        };
        /** @description One page of a list. */
        PageOfLayout: {
            /** @description The entries. */
            items: components["schemas"]["Layout"][];
            /** @description Pass as `after` for the next page; absent on the last. */
            next?: string | null;
        };
        /** @description One page of a list. */
        PageOfMember: {
            /** @description The entries. */
            items: components["schemas"]["Member"][];
            /** @description Pass as `after` for the next page; absent on the last. */
            next?: string | null;
        };
        /** @description One page of a list. */
        PageOfNotebookView: {
            /** @description The entries. */
            items: components["schemas"]["NotebookView"][];
            /** @description Pass as `after` for the next page; absent on the last. */
            next?: string | null;
        };
        /** @description One page of a list. */
        PageOfProcessView: {
            /** @description The entries. */
            items: components["schemas"]["ProcessView"][];
            /** @description Pass as `after` for the next page; absent on the last. */
            next?: string | null;
        };
        /** @description One page of a list. */
        PageOfProject: {
            /** @description The entries. */
            items: components["schemas"]["Project"][];
            /** @description Pass as `after` for the next page; absent on the last. */
            next?: string | null;
        };
        /** @description One page of a list. */
        PageOfRun: {
            /** @description The entries. */
            items: components["schemas"]["Run"][];
            /** @description Pass as `after` for the next page; absent on the last. */
            next?: string | null;
        };
        /** @description One page of a list. */
        PageOfToken: {
            /** @description The entries. */
            items: components["schemas"]["Token"][];
            /** @description Pass as `after` for the next page; absent on the last. */
            next?: string | null;
        };
        /** @description One page of a list. */
        PageOfUpload: {
            /** @description The entries. */
            items: components["schemas"]["Upload"][];
            /** @description Pass as `after` for the next page; absent on the last. */
            next?: string | null;
        };
        /** @description One page of a list. */
        PageOfUser: {
            /** @description The entries. */
            items: components["schemas"]["User"][];
            /** @description Pass as `after` for the next page; absent on the last. */
            next?: string | null;
        };
        /** @description One page of a list. */
        PageOfVersionView: {
            /** @description The entries. */
            items: components["schemas"]["VersionView2"][];
            /** @description Pass as `after` for the next page; absent on the last. */
            next?: string | null;
        };
        /** @description What of a cell (or of the notebook) both sides changed. */
        Part: "cell" | "source" | "kind" | "metadata" | "attachments" | "extra" | "outputs" | "layout" | "notebook";
        /** @description Somebody. */
        Person: {
            /** @description Id of the user. */
            id: string;
            /** @description The name that people read. */
            name: string;
        };
        /** @description The first look at a file. */
        Preview: {
            /** @description What kind of data it is. */
            media_type: string;
            /**
             * Format: uint64
             * @description Bytes of the whole.
             */
            size: number;
            /** @description Whether there is more than is shown. */
            truncated: boolean;
        } & ({
            /** @description Its columns. */
            columns: components["schemas"]["Column"][];
            /** @constant */
            kind: "table";
            /** @description Rows of cells: numbers, text, or null for empty ones. */
            rows: unknown[][];
        } | {
            /** @constant */
            kind: "json";
            /** @description The value. */
            value: unknown;
        } | {
            /** @description The reference system of its positions, for instance `EPSG:4326`. */
            crs: string;
            /**
             * Format: uint64
             * @description How many features the file has; absent when it was not read to its end.
             */
            features?: number | null;
            /** @constant */
            kind: "geojson";
            /** @description A `FeatureCollection` of them. */
            value: unknown;
        } | {
            /** @description As NumPy writes it, for instance `<f8`. */
            dtype: string;
            /** @constant */
            kind: "array";
            /**
             * Format: double
             * @description The largest finite value of the part that was read.
             */
            maximum?: number | null;
            /**
             * Format: double
             * @description The mean of the finite values of the part that was read.
             */
            mean?: number | null;
            /**
             * Format: double
             * @description The smallest finite value of the part that was read.
             */
            minimum?: number | null;
            /** @description The lengths of its axes. */
            shape: number[];
            /**
             * @description At most 100 rows of at most 100 means of blocks, of the first plane when there are more than two axes;
             *     one row for an array of one axis; null where nothing is finite or was read.
             */
            values: (number | null)[][];
        } | {
            /** @constant */
            kind: "text";
            /** @description The text. */
            text: string;
        } | {
            /**
             * Format: uint32
             * @description Pixels from top to bottom.
             */
            height: number;
            /** @constant */
            kind: "image";
            /**
             * Format: uint32
             * @description Pixels from left to right.
             */
            width: number;
        } | {
            /** @description The bytes. */
            hex: string;
            /** @constant */
            kind: "binary";
        });
        /** @description A price list: integer rates in micro-credits. */
        Prices: {
            /**
             * Format: uint32
             * @description One processor for a second.
             */
            cpu_second: number;
            /**
             * Format: uint32
             * @description One GPU for a second.
             */
            gpu_second: number;
            /**
             * Format: uint32
             * @description One GiB of memory for a second.
             */
            memory_gib_second: number;
            /** @description The list's name, for instance `2026-01`. */
            name: string;
            /**
             * Format: uint32
             * @description One GiB of scratch storage for an hour.
             */
            storage_gib_hour: number;
        };
        /** @description How a service is asked whether it is well. */
        ProbeKind: "http" | "tcp" | "command";
        /** @description What failed and what to do (RFC 9457). */
        Problem: {
            /** @description stable, for programs */
            code: string;
            detail: string;
            errors?: {
                message: string;
                /** @description JSON Pointer to the wrong field */
                path: string;
            }[];
            /** @description what is there now, when a change was based on another revision */
            revision?: number;
            status: number;
            title: string;
            type: string;
        };
        /** @description A named piece of work. */
        ProcessId: string;
        /** @description A process type. */
        ProcessType: {
            /** @description What it does. */
            description: string;
            /** @description Whether equal parameters and inputs give an equal result, so that a result may be taken over. */
            deterministic: boolean;
            /** @description The environment's name. */
            environment: string;
            /** @description Name, unique within its environment. */
            name: string;
            /** @description What it writes. */
            outputs: unknown;
            /** @description Id of the only project that it belongs to; nothing for those that all may use. */
            project?: string | null;
            /** @description Default resources. */
            resources: components["schemas"]["ResourcesRequest"];
            /**
             * @description JSON Schema (2020-12) of its parameters. At its root, `examples` lists what can be tried at once:
             *     `[{title, about, parameters}]`; `x-permission` names what one needs in the project besides `processes.run`.
             */
            schema: unknown;
            /** @description Title for people. */
            title: string;
            /** @description The type's own version. */
            version: string;
        };
        /** @description A named piece of work. State, cost and outputs are those of its newest version. */
        ProcessView: {
            /** @description Cost of the newest version, in micro-credits. */
            cost: components["schemas"]["Credits"];
            /** @description When it was made. */
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it. */
            created_by: string;
            /** @description The environment that the type belongs to. */
            environment: string;
            /** @description `proc_…` */
            id: string;
            /** @description Name for people. */
            name: string;
            /** @description Outputs of the newest version. */
            outputs: components["schemas"]["Output"][];
            /** @description The project's name. */
            project: string;
            /** @description The project's id. */
            project_id: string;
            /** @description Reason of the newest version. */
            reason?: string | null;
            /** @description State of the newest version. */
            state: components["schemas"]["State"];
            /** @description The process type. */
            type: string;
            /**
             * Format: int64
             * @description Number of the newest version.
             */
            version: number;
            /** @description All versions, oldest first; only the newest one in lists. */
            versions: components["schemas"]["VersionView"][];
        };
        /** @description How far a running version says it is. */
        Progress: {
            /**
             * Format: double
             * @description From 0 to 1.
             */
            fraction: number;
            /** @description What it is doing. */
            message: string;
        };
        /** @description A tenant's project. */
        Project: {
            /** @description Whether it is archived: it can be looked at, and nothing in it can be changed or run. */
            archived: boolean;
            /** @description When it was made. */
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it (`user_…` or `system`). */
            created_by: string;
            /** @description What it is about. */
            description: string;
            /** @description The id. */
            id: components["schemas"]["ProjectId"];
            /** @description What it may use at once. */
            limits: components["schemas"]["Limits"];
            /** @description The unique name, also of the bucket; it never changes. */
            name: string;
            /** @description The name that people read. */
            title: string;
        };
        /** @description A tenant's project: members, storage, ledger. */
        ProjectId: string;
        /** @description What changes about a project; absent parts stay. */
        ProjectPatch: {
            /** @description Archives the project or brings it back. */
            archived?: boolean | null;
            /** @description What it is about. */
            description?: string | null;
            /** @description What it may use at once, as a whole (needs `projects.administer`). */
            limits?: components["schemas"]["Limits"] | null;
            /** @description The name that people read. */
            title?: string | null;
        };
        /** @description A project with what it has. */
        ProjectView: {
            /** @description Whether it is archived: it can be looked at, and nothing in it can be changed or run. */
            archived: boolean;
            /** @description When it was made. */
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it (`user_…` or `system`). */
            created_by: string;
            /** @description What it has. */
            credit: components["schemas"]["Summary"];
            /** @description What it is about. */
            description: string;
            /** @description The id. */
            id: components["schemas"]["ProjectId"];
            /** @description What it may use at once. */
            limits: components["schemas"]["Limits"];
            /** @description The unique name, also of the bucket; it never changes. */
            name: string;
            /** @description The name that people read. */
            title: string;
        };
        PutLayout: {
            /** @description The layout: a JSON object of at most 256 KiB. */
            layout: {
                [key: string]: unknown;
            };
            /**
             * Format: int64
             * @description The revision that the change was based on; 0 or absent for a new layout.
             * @default 0
             */
            revision?: number;
        };
        /** @description What a version may use, all decided. */
        Resources: {
            /**
             * Format: uint32
             * @description Processors, in thousandths.
             */
            cpu_millis: number;
            /**
             * Format: uint64
             * @description Wall-clock limit in seconds.
             */
            deadline_s: number;
            /**
             * Format: uint32
             * @description GPUs.
             */
            gpu: number;
            /**
             * Format: uint64
             * @description Memory in MiB.
             */
            memory_mb: number;
            /**
             * Format: uint64
             * @description Disk in MiB: working folder and outputs, each.
             */
            storage_mb: number;
        };
        /** @description What a version may use. Absent fields take the type's defaults. */
        ResourcesRequest: {
            /**
             * Format: uint32
             * @description Processors, in thousandths (1000 = one core).
             */
            cpu_millis?: number | null;
            /**
             * Format: uint64
             * @description Wall-clock limit in seconds; the hold on the project's credit is for this long.
             */
            deadline_s?: number | null;
            /**
             * Format: uint32
             * @description GPUs.
             */
            gpu?: number | null;
            /**
             * Format: uint64
             * @description Memory in MiB.
             */
            memory_mb?: number | null;
            /**
             * Format: uint64
             * @description Disk in MiB: working folder and outputs, each.
             */
            storage_mb?: number | null;
        };
        /** @description A named set of permission patterns. */
        Role: {
            /** @description Whether it came with the program and can't be changed. */
            builtin: boolean;
            /** @description What it is for. */
            description: string;
            /** @description What a user with this role may do in the whole installation. */
            everywhere: string[];
            /** @description The name; unique. */
            name: string;
            /** @description What a member with this role may do in the project. */
            permissions: string[];
        };
        /** @description What a column stands for, where its heading says so. */
        Role2: "longitude" | "latitude" | "easting" | "northing" | "time";
        /** @description What changes about a role; absent parts stay. */
        RolePatch: {
            /** @description What it is for. */
            description?: string | null;
            /** @description What a user with this role may do in the whole installation. */
            everywhere?: string[] | null;
            /** @description What a member with this role may do in the project. */
            permissions?: string[] | null;
        };
        /** @description One run of one cell. */
        Run: {
            /** @description Who asked for it. */
            by: components["schemas"]["Person"];
            /** @description Id of the cell. */
            cell: string;
            /** @description When it ended. */
            ended_at?: components["schemas"]["Timestamp"] | null;
            /** @description `run_…`; also the kernel's name for the request. */
            id: string;
            /**
             * Format: int64
             * @description The life of the kernel that has it, or had it.
             */
            incarnation?: number | null;
            /** @description When it was asked for. */
            queued_at: components["schemas"]["Timestamp"];
            /** @description Digest of the source that was run. */
            source_sha256?: string | null;
            /** @description When the kernel got it. */
            started_at?: components["schemas"]["Timestamp"] | null;
            /** @description How it is. */
            state: components["schemas"]["RunState"];
            /** @description Whether what waits behind it is dropped when it fails. */
            stop_on_error: boolean;
        };
        /** @description A wish to run cells. */
        RunRequest: {
            /**
             * @description The cell it is about.
             * @default null
             */
            cell?: string | null;
            /**
             * @description Whether the rest is dropped when one fails (it is unless told).
             * @default true
             */
            stop_on_error?: boolean;
            /** @description What to run; one cell unless told. */
            what?: components["schemas"]["What"];
        };
        /** @description How a run of a cell is. */
        RunState: "queued" | "running" | "ok" | "error" | "aborted" | "interrupted" | "lost";
        /** @description A number of seconds, or text with a unit: 500ms, 15s, 2m, 1h. */
        Seconds: number | string;
        /** @description A password or token. It serialises as its text, so only answers that show it once may hold one. */
        Secret: string;
        /** @description Columns of a table against one of them, thinned to what a screen can show. */
        Series: {
            /** @description The columns: first x (`row`, an integer, when none was asked for), then every y in the order of the request. */
            columns: components["schemas"]["Column"][];
            /** @description The numbers of the rows that are here, from 0, ascending; as long as `x` and each of `y`. */
            row: number[];
            /**
             * Format: uint64
             * @description Rows between `from` and `to`; all of them without these.
             */
            rows_in_range: number;
            /**
             * Format: uint64
             * @description Rows of the whole table, without its heading.
             */
            rows_total: number;
            /** @description Whether rows in the range were left out. */
            thinned: boolean;
            /** @description x of each row, as numbers, or as text where the column holds times or text. */
            x: components["schemas"]["Cell"][];
            /** @description Each y of each row: one list for each column. */
            y: components["schemas"]["Cell"][][];
        };
        /** @description One kind of workspace. */
        ServiceDefinition: {
            /**
             * @description What its programs may do with our API, as permissions; nothing unless told. Its token dies with it.
             * @default []
             */
            api?: string[];
            /**
             * @description Program and arguments. `{port}`, `{prefix}` (with slashes at both ends), `{base}` (the same without the last),
             *     `{user}`, `{workspace}`, `{home}` and `{url}` are filled in.
             */
            command: string[];
            /**
             * @description What it is.
             * @default
             */
            description?: string;
            /**
             * @description Variables; the same words are filled in.
             * @default {}
             */
            env?: {
                [key: string]: string;
            };
            /**
             * @description Time between SIGTERM and SIGKILL.
             * @default 10
             */
            grace?: components["schemas"]["Seconds"];
            /**
             * @description How it is judged.
             * @default {
             *       "endpoint": "/health",
             *       "expect": "200-399",
             *       "interval": 15,
             *       "prefer_backend_health": false,
             *       "retries": 8,
             *       "start_period": 45,
             *       "timeout": 10,
             *       "use_container_root": false
             *     }
             */
            health_check?: components["schemas"]["HealthCheck"];
            /**
             * @description When it is stopped for being idle.
             * @default {
             *       "ask": "none",
             *       "ignore": [],
             *       "keep_busy": true,
             *       "keep_sockets": false,
             *       "max_age": 0,
             *       "timeout": 3600,
             *       "warning": 300
             *     }
             */
            idle?: components["schemas"]["IdleRules"];
            /**
             * @description How the program learns who it serves.
             * @default plain
             */
            mode?: components["schemas"]["ServiceMode"];
            /** @description The name: 1 to 24 of `a-z 0-9 -`, beginning with a letter. */
            name: string;
            /**
             * @description Folders that are searched for the program before all others.
             * @default []
             */
            path?: string[];
            /**
             * Format: uint16
             * @description The port it listens on where it has a network of its own; a free one is found where it has not.
             * @default 8888
             */
            port?: number;
            /**
             * @description What the proxy does with the prefix; kept for `mode: jupyterhub` unless told.
             * @default null
             */
            prefix?: components["schemas"]["ServicePrefix"] | null;
            /**
             * @description Sizes to choose from.
             * @default []
             */
            profiles?: components["schemas"]["ServiceProfile"][];
            /**
             * @description Where below its prefix people begin, for instance `lab`.
             * @default
             */
            start_page?: string;
            /**
             * @description The name that people read; the name unless told.
             * @default
             */
            title?: string;
            /**
             * Format: uint32
             * @description How many are kept started and unclaimed, so that opening one takes no time. Only for programs that need not know
             *     whom they serve (`mode: plain`, `prefix: strip`).
             * @default 0
             */
            warm?: number;
        };
        /** @description A service with its whole definition. */
        ServiceDetail: {
            /** @description Whether it can be started here. */
            available: boolean;
            /** @description Its definition. */
            definition: components["schemas"]["ServiceDefinition"];
            /** @description What it is. */
            description: string;
            /** @description The name to choose it by. */
            name: string;
            /** @description Sizes to choose from. */
            profiles: components["schemas"]["ServiceProfile"][];
            /** @description The name that people read. */
            title: string;
            /**
             * Format: int64
             * @description How long it usually takes to become ready, in milliseconds (the median of past starts).
             */
            usual_ms?: number | null;
            /** @description Why not. */
            why?: string | null;
        };
        /** @description How a program learns who it serves and where. */
        ServiceMode: "jupyterhub" | "plain";
        /** @description What the proxy does with the prefix of the path. */
        ServicePrefix: "keep" | "strip";
        /** @description A size to choose from. */
        ServiceProfile: {
            /**
             * @description Whether it is taken when none is chosen; the first unless told.
             * @default false
             */
            default?: boolean;
            /**
             * @description What it is for.
             * @default
             */
            description?: string;
            /**
             * @description Variables of its own.
             * @default {}
             */
            env?: {
                [key: string]: string;
            };
            /** @description The name to choose it by. */
            name: string;
            /**
             * @description What a workspace of it may use.
             * @default {
             *       "cpu_millis": 0,
             *       "gpu": 0,
             *       "memory_mb": 0,
             *       "storage_mb": 0
             *     }
             */
            resources?: components["schemas"]["WorkspaceResources"];
            /**
             * @description The name that people read.
             * @default
             */
            title?: string;
        };
        /** @description A service to choose from. */
        ServiceView: {
            /** @description Whether it can be started here. */
            available: boolean;
            /** @description What it is. */
            description: string;
            /** @description The name to choose it by. */
            name: string;
            /** @description Sizes to choose from. */
            profiles: components["schemas"]["ServiceProfile"][];
            /** @description The name that people read. */
            title: string;
            /**
             * Format: int64
             * @description How long it usually takes to become ready, in milliseconds (the median of past starts).
             */
            usual_ms?: number | null;
            /** @description Why not. */
            why?: string | null;
        };
        /** @description What there is to choose from. */
        Services: {
            /** @description Definitions that could not be read, for those who look after the installation. */
            broken: components["schemas"]["BrokenDefinition"][];
            /** @description The services by name. */
            items: components["schemas"]["ServiceView"][];
        };
        /** @description One signed-in browser. */
        Session: {
            /** @description The address it began from. */
            address?: string | null;
            /** @description The browser it began in, in the browser's words. */
            agent?: string | null;
            /** @description When it began. */
            created_at: components["schemas"]["Timestamp"];
            /** @description Whether it is the one that asks. */
            current: boolean;
            /** @description When it ends if it is not used before. */
            expires_at: components["schemas"]["Timestamp"];
            /** @description The id; not the cookie. */
            id: components["schemas"]["SessionId"];
            /** @description When it was last used, to the minute. */
            seen_at: components["schemas"]["Timestamp"];
        };
        /** @description One signed-in browser. */
        SessionId: string;
        /** @description The first administrator. */
        SetUp: {
            /** @description The administrator's name. */
            name: string;
            /** @description At least 8 characters. */
            password: components["schemas"]["Secret"];
            /** @description The token of the link that the first start printed. */
            token: components["schemas"]["Secret"];
        };
        /** @description What the front end is told to look like. */
        Settings: {
            /** @description Of the editor. */
            editor: components["schemas"]["EditorSettings"];
            /** @description The canvas' grid. */
            grid: components["schemas"]["GridSettings"];
            /** @description Of outputs. */
            outputs: components["schemas"]["OutputSettings"];
        };
        /** @description Whether the installation waits for its first administrator. */
        SetupState: {
            /** @description Whether the set-up link is still to be used. */
            needed: boolean;
        };
        /** @description Part of the machine. */
        Share: {
            /**
             * Format: uint64
             * @description Processors, in thousandths.
             */
            cpu_millis: number;
            /**
             * Format: uint64
             * @description GPUs.
             */
            gpu: number;
            /**
             * Format: uint64
             * @description Memory in MiB.
             */
            memory_mb: number;
            /**
             * Format: uint64
             * @description Units.
             */
            units: number;
        };
        ShareAs: {
            /** @description What the member may do. */
            level: components["schemas"]["ShareLevel"];
        };
        /** @description What somebody with whom a workspace is shared may do. */
        ShareLevel: "view" | "use";
        /** @description An access key, shown once. */
        ShownKey: {
            /** @description The public half. */
            access_key: string;
            /** @description The bucket that it opens. */
            bucket: string;
            /** @description When it dies. */
            expires_at: components["schemas"]["Timestamp"];
            /** @description The secret half. */
            secret_key: string;
            /** @description The prefix that it may write, if any. */
            write_prefix?: string | null;
        };
        /** @description Which version stays. */
        Side: "ours" | "theirs" | "both";
        /** @description Name and password. */
        SignIn: {
            /** @description The password. */
            password: components["schemas"]["Secret"];
            /** @description The user's name. */
            user: string;
        };
        Start: {
            /** @description Name of the kernelspec; the notebook's own unless told. */
            name?: string | null;
        };
        StartAgain: {
            /** @description Another profile than before. */
            profile?: string | null;
        };
        Started: {
            /** @description Whether one was started now. */
            started: boolean;
        };
        /** @description Where a version is in its life. */
        State: "queued" | "starting" | "running" | "completed" | "failed" | "cancelled";
        Status: {
            /** @description `sqlite` or `postgres`. */
            database: string;
            /**
             * Format: int64
             * @description The newest event's sequence number.
             */
            last_event: number;
            /**
             * Format: uint64
             * @description Memory of the server in bytes.
             */
            memory_bytes: number;
            /** @description Versions queued, starting and running. */
            processes: unknown;
            /** @description When it started. */
            started_at: components["schemas"]["Timestamp"];
            /**
             * Format: int64
             * @description Seconds since then.
             */
            uptime_s: number;
            /** @description Version of the program. */
            version: string;
        };
        /** @description HTTP statuses that are a good answer, such as 200-399 or 200,401. */
        Statuses: number | string;
        /** @description What a project has. */
        Summary: {
            /** @description What may still be held or spent. */
            available: components["schemas"]["Credits"];
            /** @description Topped up minus spent. */
            balance: components["schemas"]["Credits"];
            /** @description Of the balance, what is set aside for running and queued work. */
            held: components["schemas"]["Credits"];
            /** @description What the amounts count; 1,000,000 are one credit. */
            unit: string;
        };
        /** Format: date-time */
        Timestamp: string;
        /** @description A named API token, without its secret. */
        Token: {
            /** @description When it was made. */
            created_at: components["schemas"]["Timestamp"];
            /** @description When it ends. */
            expires_at?: components["schemas"]["Timestamp"] | null;
            /** @description The id; not the secret. */
            id: components["schemas"]["TokenId"];
            /** @description What it is for. */
            name: string;
            /** @description The only project that it reaches. */
            project?: components["schemas"]["ProjectId"] | null;
            /** @description What it is narrowed to; absent when it may do all that the owner may. */
            scopes?: string[] | null;
            /** @description When it was last used, to the minute. */
            used_at?: components["schemas"]["Timestamp"] | null;
            /** @description Whose it is. */
            user: components["schemas"]["UserId"];
            /** @description The owner's name. */
            user_name: string;
        };
        /** @description A named API token. */
        TokenId: string;
        TopUp: {
            /** @description How much, in micro-credits. */
            amount: components["schemas"]["Credits"];
            /** @description Makes sending it twice the same as sending it once. */
            key?: string | null;
            /**
             * @description A word about it.
             * @default
             */
            note?: string;
        };
        /** @description One unit. */
        Unit: {
            /** @description The environment of the type. */
            environment?: string | null;
            /** @description What it is. */
            kind: components["schemas"]["UnitKind"];
            /**
             * Format: uint32
             * @description Its process id on this machine, while it runs.
             */
            pid?: number | null;
            /**
             * Format: int64
             * @description Higher goes first.
             */
            priority?: number | null;
            /** @description The process. */
            process?: string | null;
            /** @description The process's name. */
            process_name?: string | null;
            /** @description How far it says it is. */
            progress?: components["schemas"]["Progress"] | null;
            /** @description The project's name. */
            project?: string | null;
            /** @description The project's id. */
            project_id?: string | null;
            /** @description What it may use. */
            resources?: components["schemas"]["Resources"] | null;
            /** @description Since when it waits, or runs. */
            since: components["schemas"]["Timestamp"];
            /** @description Where it is in its life. */
            state: components["schemas"]["State"];
            /** @description Why it is to stop, when somebody asked for that. */
            stop_reason?: string | null;
            /** @description The process type. */
            type?: string | null;
            /** @description `unit_…`, also the name of its folder. */
            unit: string;
            /** @description What it has used so far, where that is measured. */
            usage?: components["schemas"]["Usage"] | null;
            /** @description Who made the version. */
            user?: string | null;
            /**
             * Format: int64
             * @description The version.
             */
            version?: number | null;
        };
        /** @description What a unit is. */
        UnitKind: "process" | "orphan";
        /** @description What runs and waits. */
        Units: {
            /** @description What all units together may use. */
            capacity: components["schemas"]["Share"];
            /** @description How many versions are queued, starting and running, all of them. */
            counts: {
                [key: string]: number;
            };
            /** @description What runs, longest first; what nobody asked for; then what waits, in the order of the queue. */
            items: components["schemas"]["Unit"][];
            /** @description What those that start and run have reserved. */
            reserved: components["schemas"]["Share"];
        };
        /** @description A file that a person brought. */
        Upload: {
            /** @description The columns of a table, a GeoJSON collection or an array, as far as its first 256 KiB show them. */
            columns: components["schemas"]["Column"][];
            /** @description When it became complete. */
            created_at: components["schemas"]["Timestamp"];
            /** @description Who brought it. */
            created_by: string;
            /** @description The reference system of its positions, where it is known, for instance `EPSG:32633`. */
            crs?: string | null;
            /** @description `up_…`. */
            id: components["schemas"]["UploadId"];
            /** @description Its key in the project's bucket. */
            key: string;
            /** @description As the sender said, or guessed from the name and the first bytes. */
            media_type: string;
            /** @description The name under which processes refer to it (`upload:NAME`). */
            name: string;
            /** @description The project it belongs to. */
            project: components["schemas"]["ProjectId"];
            /** @description SHA-256 in hexadecimal. */
            sha256: string;
            /**
             * Format: uint64
             * @description Bytes.
             */
            size: number;
        };
        /** @description A file that a user brought. */
        UploadId: string;
        /** @description What a unit has used so far. */
        Usage: {
            /**
             * Format: uint64
             * @description Processor time in milliseconds.
             */
            cpu_ms: number;
            /**
             * Format: uint64
             * @description Most memory at once, in KiB.
             */
            max_rss_kb: number;
            /**
             * Format: uint64
             * @description Bytes in its working folder when last looked at.
             */
            storage_bytes: number;
        };
        /** @description What of outputs is stored beside documents. */
        Usage2: {
            /**
             * Format: uint64
             * @description Bytes that one cell may store.
             */
            cell_quota: number;
            /** @description The cells that store something, most first. */
            cells: components["schemas"]["CellUsage"][];
            /** @description This notebook, with what its versions keep. */
            notebook: components["schemas"]["Used"];
            /** @description All notebooks of the project. */
            project: components["schemas"]["Used"];
            /**
             * Format: uint64
             * @description Bytes that no cell shows any more and versions keep.
             */
            versions: number;
        };
        /** @description Bytes, and how many there may be. */
        Used: {
            /**
             * Format: uint64
             * @description Bytes that are stored.
             */
            bytes: number;
            /**
             * Format: uint64
             * @description Bytes that may be.
             */
            quota: number;
        };
        /** @description A person or program that signs in. */
        User: {
            /** @description When the user was made. */
            created_at: components["schemas"]["Timestamp"];
            /** @description Whether the user is locked out. */
            disabled: boolean;
            /** @description The name that people read. */
            display_name: string;
            /** @description Where to write to. */
            email?: string | null;
            /** @description The id. */
            id: components["schemas"]["UserId"];
            /** @description The name to sign in with; unique. */
            name: string;
            /** @description Roles in the installation. */
            roles: string[];
            /** @description When the user last signed in. */
            signed_in_at?: components["schemas"]["Timestamp"] | null;
        };
        /** @description A person or program that signs in. */
        UserId: string;
        /** @description What changes about a user; absent parts stay. */
        UserPatch: {
            /** @description Locks the user out, at once, or lets the user in again. */
            disabled?: boolean | null;
            /** @description The name that people read. */
            display_name?: string | null;
            /** @description Where to write to; empty removes it. */
            email?: string | null;
            /** @description A new password; it ends all sessions and JWTs of the user. */
            password?: components["schemas"]["Secret"] | null;
            /** @description Roles in the installation. */
            roles?: string[] | null;
        };
        /** @description Whether somebody asked for a version. */
        VersionKind: "named" | "auto";
        /** @description One parameter snapshot and its run. */
        VersionView: {
            /** @description What it cost, in micro-credits; 0 until it ended. */
            cost: components["schemas"]["Credits"];
            /** @description When it was made. */
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it. */
            created_by: string;
            /** @description When it ended. */
            ended_at?: components["schemas"]["Timestamp"] | null;
            /** @description How its program ended. */
            exit?: components["schemas"]["ExitView"] | null;
            /** @description Credit held for it, in micro-credits. */
            held: components["schemas"]["Credits"];
            /** @description The data that the parameters refer to. */
            inputs: components["schemas"]["Input"][];
            /**
             * Format: int64
             * @description Lines in its log, once sealed.
             */
            log_lines?: number | null;
            /** @description What it wrote. */
            outputs: components["schemas"]["Output"][];
            /** @description The snapshot, defaults filled in. */
            parameters: unknown;
            /**
             * Format: int32
             * @description Higher goes first.
             */
            priority: number;
            /** @description The process. */
            process: string;
            /** @description How far it says it is. */
            progress?: components["schemas"]["Progress"] | null;
            /**
             * Format: int64
             * @description Place in the queue from 1, while queued.
             */
            queue_position?: number | null;
            /** @description Why it failed or was cancelled, or what it waits for, in words. */
            reason?: string | null;
            /**
             * @description A stable word for the reason: `exit_code`, `signal`, `deadline`, `memory`, `storage`, `lost`,
             *     `not_started`, `cancelled`.
             */
            reason_code?: string | null;
            /** @description What it may use. */
            resources: components["schemas"]["Resources"];
            /** @description The version (`PROCESS/N`) whose result was taken over instead of running again. */
            reused_from?: string | null;
            /** @description When its program started. */
            started_at?: components["schemas"]["Timestamp"] | null;
            /** @description Where it is in its life. */
            state: components["schemas"]["State"];
            /** @description Whether it has been asked to stop. */
            stopping: boolean;
            /** @description Version of the process type that it was made for. */
            type_version: string;
            /**
             * Format: int64
             * @description From 1.
             */
            version: number;
        };
        /** @description A version of a notebook. */
        VersionView2: {
            /** @description Who asked for it. */
            by?: components["schemas"]["Person"] | null;
            /**
             * Format: int64
             * @description Bytes that it takes, without outputs that are stored beside the document.
             */
            bytes: number;
            /**
             * Format: int64
             * @description How many cells it has.
             */
            cells: number;
            /** @description When it was so. */
            created_at: components["schemas"]["Timestamp"];
            /** @description Whether somebody asked for it. */
            kind: components["schemas"]["VersionKind"];
            /** @description The name that somebody gave it. */
            name?: string | null;
            /** @description A digest of what it holds. */
            sha256: string;
            /** @description `nbv_…`. */
            version: string;
        };
        /** @description A file that can be opened as a notebook. */
        VolumeFile: {
            /**
             * Format: uint64
             * @description Its length.
             */
            bytes: number;
            /** @description Id of the notebook that it is already. */
            notebook?: string | null;
            /** @description The path from the workspace's folder. */
            path: string;
        };
        /** @description Files of a workspace's volume. */
        VolumeFiles: {
            /** @description By path. */
            items: components["schemas"]["VolumeFile"][];
            /** @description There are more than were looked for. */
            truncated: boolean;
        };
        /** @description A notebook's file in a workspace's volume. */
        VolumeView: {
            /** @description The path from the workspace's folder. */
            path: string;
            /** @description Id of the workspace; `null` for those who may not work in it. */
            workspace?: string | null;
        };
        /** @description Who signed in and until when. */
        Welcome: {
            /** @description When the session ends if it is not used before. */
            expires_at: components["schemas"]["Timestamp"];
            /** @description Who signed in. */
            user: components["schemas"]["User"];
        };
        /** @description What to run. */
        What: "cell" | "tissue" | "from" | "to" | "all" | "graph" | "stale";
        /** @description A version with its content. */
        WholeVersion: {
            /** @description Who asked for it. */
            by?: components["schemas"]["Person"] | null;
            /**
             * Format: int64
             * @description Bytes that it takes, without outputs that are stored beside the document.
             */
            bytes: number;
            /**
             * Format: int64
             * @description How many cells it has.
             */
            cells: number;
            /** @description The file (nbformat 4), with the beginnings of long outputs; all of them are in `versions/{v}/file`. */
            content: unknown;
            /** @description When it was so. */
            created_at: components["schemas"]["Timestamp"];
            /** @description Whether somebody asked for it. */
            kind: components["schemas"]["VersionKind"];
            /** @description The name that somebody gave it. */
            name?: string | null;
            /** @description A digest of what it holds. */
            sha256: string;
            /** @description `nbv_…`. */
            version: string;
        };
        /** @description How the program ended. */
        WorkspaceExit: {
            /**
             * Format: int32
             * @description Exit code, when it returned one.
             */
            code?: number | null;
            /**
             * Format: uint64
             * @description Milliseconds of processor time.
             */
            cpu_ms: number;
            /**
             * Format: uint64
             * @description Most memory at once, in KiB.
             */
            max_rss_kb: number;
            /**
             * Format: int32
             * @description Signal that ended it.
             */
            signal?: number | null;
        };
        /** @description How a running workspace is. */
        WorkspaceHealth: "starting" | "healthy" | "degraded" | "unhealthy" | "stopped";
        /** @description Why a workspace is kept, or when it is stopped. */
        WorkspaceIdle: {
            /** @description When something happened last that counts. */
            last_activity?: components["schemas"]["Timestamp"] | null;
            /** @description When it is stopped if nothing happens; absent when it is kept. */
            stops_at?: components["schemas"]["Timestamp"] | null;
            /** @description In words: `kept: 2 open sockets, kernel busy since 14:02 UTC`. Times of other days have their date. */
            text: string;
            /** @description Whether its user was warned. */
            warned: boolean;
        };
        /** @description Lines of a log, each `{"seq":1,"time":1764000000123,"stream":"stdout","line":"text"}`. */
        WorkspaceLogPage: {
            /** @description Whether the run has ended and nothing follows. */
            complete: boolean;
            /**
             * Format: uint64
             * @description Pass as `after` for the next page.
             */
            last: number;
            /** @description The lines. */
            lines: unknown[];
            /**
             * Format: int64
             * @description The run they are of.
             */
            run: number;
        };
        /** @description Something that runs here though no record claims it. */
        WorkspaceOrphan: {
            /** @description Whether it can be taken up again, and if not why. */
            adoptable?: string | null;
            /**
             * Format: uint64
             * @description Milliseconds of processor time.
             */
            cpu_ms: number;
            /**
             * Format: uint32
             * @description Process id.
             */
            pid?: number | null;
            /** @description Its service. */
            service?: string | null;
            /** @description Since when it runs. */
            since: components["schemas"]["Timestamp"];
            /** @description The unit. */
            unit: string;
            /** @description Whose it was, by its labels. */
            user?: string | null;
            /** @description `orphan`; `young` (wait and see) or `owner_starting` (its user is starting something: wait and see). */
            verdict: string;
            /** @description The workspace that it was, by its labels. */
            workspace?: string | null;
        };
        /** @description Things that run though no record claims them. */
        WorkspaceOrphans: {
            /** @description The oldest first. */
            items: components["schemas"]["WorkspaceOrphan"][];
        };
        /** @description What a workspace may use; 0 means no limit. */
        WorkspaceResources: {
            /**
             * Format: uint32
             * @description Processors, in thousandths.
             * @default 0
             */
            cpu_millis?: number;
            /**
             * Format: uint32
             * @description GPUs.
             * @default 0
             */
            gpu?: number;
            /**
             * Format: uint64
             * @description Memory in MiB.
             * @default 0
             */
            memory_mb?: number;
            /**
             * Format: uint64
             * @description Storage in MiB, its volume and its log together.
             * @default 0
             */
            storage_mb?: number;
        };
        /** @description Somebody with whom a workspace is shared. */
        WorkspaceShare: {
            /** @description What the user may do. */
            level: components["schemas"]["ShareLevel"];
            /** @description The user's name. */
            name: string;
            /** @description Since when. */
            since: components["schemas"]["Timestamp"];
            /** @description User id. */
            user: string;
        };
        /** @description One step of a start. */
        WorkspaceStage: {
            /** @description When it began. */
            at: components["schemas"]["Timestamp"];
            /**
             * Format: int64
             * @description How long it lasted, in milliseconds; absent for the one that lasts.
             */
            ms?: number | null;
            /** @description What was said of it. */
            note?: string | null;
            /** @description `queued`, `admitted`, `started`, `ready`, `stopping`, `stopped` or `failed`. */
            stage: string;
        };
        /** @description Where a workspace is in its life. */
        WorkspaceState: "stopped" | "queued" | "starting" | "ready" | "stopping" | "failed";
        WorkspaceTitle: {
            /** @description The name that people read. */
            title: string;
        };
        /** @description A workspace. */
        WorkspaceView: {
            /** @description What the caller may do: `view`, `use` or `manage`. */
            access: string;
            /** @description When it was made. */
            created_at: components["schemas"]["Timestamp"];
            /** @description When it ended. */
            ended_at?: components["schemas"]["Timestamp"] | null;
            /** @description How it ended. */
            exit?: components["schemas"]["WorkspaceExit"] | null;
            /** @description How it is. */
            health: components["schemas"]["WorkspaceHealth"];
            /** @description Why, in words. */
            health_reason?: string | null;
            /** @description The id. */
            id: string;
            /** @description Why it is kept alive, while it runs. */
            idle?: components["schemas"]["WorkspaceIdle"] | null;
            /**
             * Format: int64
             * @description Lines of the log of its last run, once it has ended.
             */
            log_lines?: number | null;
            /** @description `{user}-{service}-{hash}`, as in its address; it never changes. */
            name: string;
            /** @description Whether the server that looks after it does not answer. It is not ended for that, and may still run. */
            out_of_reach: boolean;
            /** @description The owner's id. */
            owner: string;
            /** @description The owner's name. */
            owner_name: string;
            /** @description Where it is opened, below the server's address. */
            path: string;
            /** @description The chosen profile. */
            profile: string;
            /** @description Project id. */
            project: string;
            /**
             * Format: int64
             * @description Its place in the queue, from 1, while it waits.
             */
            queue_position?: number | null;
            /** @description When it became ready. */
            ready_at?: components["schemas"]["Timestamp"] | null;
            /**
             * Format: int64
             * @description Milliseconds from the wish to its being ready.
             */
            ready_ms?: number | null;
            /** @description Why it is there, in words. */
            reason?: string | null;
            /** @description The same for programs: `exit_code`, `signal`, `not_ready`, `memory`, `idle`, `asked`, …. */
            reason_code?: string | null;
            /** @description What it may use. */
            resources: components["schemas"]["WorkspaceResources"];
            /**
             * Format: int64
             * @description How many times it was started.
             */
            run: number;
            /** @description The service that it runs. */
            service: string;
            /** @description With whom it is shared; only for those who may change that. */
            shares: components["schemas"]["WorkspaceShare"][];
            /** @description The steps of its last start. */
            stages: components["schemas"]["WorkspaceStage"][];
            /** @description When its program was started. */
            started_at?: components["schemas"]["Timestamp"] | null;
            /** @description Where it is in its life. */
            state: components["schemas"]["WorkspaceState"];
            /** @description The name that people read. */
            title: string;
            /** @description The same as a whole address. */
            url: string;
        };
        /** @description Workspaces, newest first. */
        Workspaces: {
            /** @description One's own, then those that are shared with one. */
            items: components["schemas"]["WorkspaceView"][];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    "auth.well_known_jwks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "actions.list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionView"][];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "actions.call": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name of the action. */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "audit.list": {
        parameters: {
            query?: {
                /** @description Only events by this actor (id). */
                actor?: string | null;
                /** @description Only events before this sequence number (for the next page). */
                before?: number | null;
                /** @description How many at most (1 to 500, 100 unless told). */
                limit?: number | null;
                /** @description Only events of this project (id). */
                project?: string | null;
                /** @description Only events of this type, for instance `process.created`, or of a noun (`process`). */
                type?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "auth.jwks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "keys.rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewKey"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "auth.login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Welcome"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "auth.logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "auth.token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ForToken"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessToken"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "datasets.list": {
        parameters: {
            query: {
                /** @description The `next` of the page before. */
                after?: string | null;
                /** @description How many at most (1 to 500, 100 unless told). */
                limit?: number | null;
                /** @description Only those whose media type begins with one of these (`media_type=text/csv&media_type=image/`, at most 8). */
                media_type?: string[];
                /** @description Only those whose name contains this, whatever the case. */
                name?: string | null;
                /** @description Only those of this process. */
                process?: string | null;
                /** @description The project, by name or id. */
                project: string;
                /** @description The order; oldest first unless told. */
                sort?: "created_at" | "-created_at" | "name" | "-name" | "size" | "-size";
                /** @description Only those of this version. */
                version?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfDataset"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "datasets.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `up_…` or `ds_…`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DatasetDetail"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "datasets.delete": {
        parameters: {
            query?: {
                /** @description Delete it also when other datasets were made from it. */
                force?: boolean;
            };
            header?: never;
            path: {
                /** @description `up_…` or `ds_…`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "datasets.content": {
        parameters: {
            query?: {
                /** @description `json` for a table as an array of objects, `csv` for a table as it is; as stored unless told. */
                as?: string | null;
                /** @description Whether to ask the browser to save it. */
                download?: boolean;
            };
            header?: never;
            path: {
                /** @description `up_…` or `ds_…`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "datasets.grid": {
        parameters: {
            query?: {
                /** @description For tables with one row for each node: the column that says the node's column (x). */
                column?: string | null;
                /** @description The most values of the answer (4 to 1,000,000, 250,000 unless told). */
                points?: number | null;
                /** @description For tables with one row for each node: the column that says the node's row (y). */
                row?: string | null;
                /** @description For tables with one row for each node: the column of the values. */
                value?: string | null;
            };
            header?: never;
            path: {
                /** @description `up_…` or `ds_…`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Grid"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "datasets.lineage": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `up_…` or `ds_…`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lineage"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "datasets.preview": {
        parameters: {
            query?: {
                /** @description Rows of a table at most (1 to 1000, 20 unless told). */
                rows?: number | null;
            };
            header?: never;
            path: {
                /** @description `up_…` or `ds_…`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preview"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "datasets.series": {
        parameters: {
            query?: {
                /** @description Only rows whose x is not below this: a number, or a time (ISO 8601) where x holds times. */
                from?: string | null;
                /** @description The most rows of the answer (10 to 100,000, 2,000 unless told). */
                points?: number | null;
                /** @description Only rows whose x is not above this. */
                to?: string | null;
                /** @description The column of the horizontal axis, by its heading; the rows' numbers when absent. */
                x?: string | null;
                /** @description The columns of the vertical axis, by their headings (`y=a&y=b`, at most 20). */
                y?: string[];
            };
            header?: never;
            path: {
                /** @description `up_…` or `ds_…`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Series"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "docs.page": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "docs.style": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/css": string;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "docs.script": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/javascript": string;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "environments.list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Environment"][];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "environments.add": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewEnvironment"];
            };
        };
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Environment"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "environments.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name; a type may be given as `ENVIRONMENT~NAME` when several environments have it. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Environment"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "environments.remove": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name; a type may be given as `ENVIRONMENT~NAME` when several environments have it. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "environments.refresh": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name; a type may be given as `ENVIRONMENT~NAME` when several environments have it. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Environment"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.kernelspecs": {
        parameters: {
            query: {
                /** @description Project, by name or id. */
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KernelspecView"][];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "account.show": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "account.update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountPatch"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.list": {
        parameters: {
            query: {
                /** @description The `next` of the page before. */
                after?: string | null;
                /** @description How many at most (1 to 500, 100 unless told). */
                limit?: number | null;
                /** @description Project, by name or id. */
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfNotebookView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewNotebook"];
            };
        };
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotebookView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotebookView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.delete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.change": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NotebookPatch"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotebookView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.cells": {
        parameters: {
            query?: {
                /** @description Only those behind this cell. */
                after?: string | null;
                /** @description At most so many, 1000 unless told. */
                limit?: number | null;
            };
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfCellNow"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.checkpoint": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Checkpoint"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileState"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.comments": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Comments"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.comment": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewComment"];
            };
        };
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Comment"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.delete_comment": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the comment. */
                comment: string;
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.change_comment": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the comment. */
                comment: string;
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CommentPatch"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Comment"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.comms": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.config": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.conflicts": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conflicts"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.resolve": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the conflict, or of the cell whose texts it is about. */
                conflict: string;
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Choice"];
            };
        };
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.export": {
        parameters: {
            query?: {
                /** @description `ipynb` unless told. */
                format?: "ipynb" | "py" | "html" | "md";
            };
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.bring_file": {
        parameters: {
            query?: {
                /** @description `ipynb` unless told. */
                format?: "ipynb" | "py" | "html" | "md";
            };
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileState"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.history": {
        parameters: {
            query: {
                /** @description Milliseconds since 1970. */
                at: number;
            };
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.kernel": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KernelView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.interrupt_kernel": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.restart_kernel": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.shutdown_kernel": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.start_kernel": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Start"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Started"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.output": {
        parameters: {
            query?: {
                /** @description `1`: as the kernel sent it; otherwise pictures and the like are what they are, not base64. */
                raw?: number | null;
            };
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
                /** @description Id of the stored output. */
                output: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.set_place": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPlace"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotebookView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.publish": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewType"];
            };
        };
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProcessType"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.unpublish": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
                /** @description Name of the process type. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.runs": {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string | null;
                /** @description How many at most (1 to 500, 100 unless told). */
                limit?: number | null;
            };
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfRun"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.run": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunRequest"];
            };
        };
        responses: {
            /** @description the answer */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"][];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.sync": {
        parameters: {
            query?: {
                /** @description `1`: the client understands the messages 100 to 102. */
                castalia?: number | null;
                /** @description The epoch of the client's document, if it has one: with another the connection is closed with 4409. */
                epoch?: string | null;
            };
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.usage": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Usage2"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.versions": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfVersionView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.name_version": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Name"];
            };
        };
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionView2"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.version": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
                /** @description Id of the version. */
                v: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WholeVersion"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.version_changes": {
        parameters: {
            query?: {
                /** @description Id of the version to compare with; the notebook as it is now unless told. */
                against?: string | null;
            };
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
                /** @description Id of the version. */
                v: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Changes"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.version_file": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
                /** @description Id of the version. */
                v: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ipynb+json": string;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.restore": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the notebook. */
                id: string;
                /** @description Id of the version. */
                v: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "docs.openapi": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "prices.show": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Prices"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "process_types.list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProcessType"][];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "process_types.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name; a type may be given as `ENVIRONMENT~NAME` when several environments have it. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProcessType"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "processes.list": {
        parameters: {
            query: {
                /** @description The `next` of the page before. */
                after?: string | null;
                /** @description How many at most (1 to 500, 100 unless told). */
                limit?: number | null;
                /** @description Project, by name or id. */
                project: string;
                /** @description Only those whose newest version is in this state. */
                state?: ("queued" | "starting" | "running" | "completed" | "failed" | "cancelled") | null;
                /** @description Only those of this type. */
                type?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfProcessView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "processes.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewProcess"];
            };
        };
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProcessView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "processes.estimate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewProcess"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Estimate"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "processes.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Process id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProcessView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "processes.delete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Process id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "processes.cancel": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Process id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "processes.compare": {
        parameters: {
            query: {
                /** @description First version. */
                a: number;
                /** @description Second version. */
                b: number;
            };
            header?: never;
            path: {
                /** @description Process id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Comparison"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "processes.logs": {
        parameters: {
            query?: {
                /** @description Only lines after this sequence number. */
                after?: number | null;
                /** @description As a file to keep, instead of something to look at. */
                download?: boolean;
                /** @description With `Accept: application/x-ndjson`: go on until the version has ended. */
                follow?: boolean;
                /**
                 * @description The form of the answer, as the header `Accept` says it: `json`, `ndjson`, or `text` for the bytes that the
                 *     program wrote. The latter two are the whole log, not a page.
                 */
                format?: ("json" | "ndjson" | "text") | null;
                /** @description How many lines at most (1 to 10000, 1000 unless told), when the answer is JSON. */
                limit?: number | null;
                /** @description Only lines that contain this text. */
                q?: string | null;
                /** @description Only this stream: `stdout`, `stderr`, `system` or `progress`. */
                stream?: string | null;
                /** @description The version; the newest unless told. */
                version?: number | null;
            };
            header?: never;
            path: {
                /** @description Process id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogPage"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "processes.create_version": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Process id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewVersion"];
            };
        };
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "processes.show_version": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Process id. */
                id: string;
                /** @description Version number. */
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "processes.cancel_version": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Process id. */
                id: string;
                /** @description Version number. */
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "projects.list": {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string | null;
                /** @description Archived projects too. */
                archived?: boolean;
                /** @description How many entries at most (1 to 500, 100 unless told). */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfProject"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "projects.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewProject"];
            };
        };
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "projects.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The project's id or name. */
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "projects.archive": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The project's id or name. */
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "projects.update": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The project's id or name. */
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectPatch"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "audit.project": {
        parameters: {
            query?: {
                /** @description Only events by this actor (id). */
                actor?: string | null;
                /** @description Only events before this sequence number (for the next page). */
                before?: number | null;
                /** @description How many at most (1 to 500, 100 unless told). */
                limit?: number | null;
                /** @description Only events of this project (id). */
                project?: string | null;
                /** @description Only events of this type, for instance `process.created`, or of a noun (`process`). */
                type?: string | null;
            };
            header?: never;
            path: {
                /** @description The project's id or name. */
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "ledger.topup": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The project's id or name. */
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TopUp"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Summary"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "figures.list": {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string | null;
                /** @description Only plots, or only maps. */
                kind?: ("plot" | "map") | null;
                /** @description How many entries at most (1 to 500, 100 unless told). */
                limit?: number | null;
            };
            header?: never;
            path: {
                /** @description The project's id or name. */
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfFigureEntry"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "figures.create": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The project's id or name. */
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewFigure"];
            };
        };
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Figure"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "figures.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `fig_…`. */
                figure: string;
                /** @description The project's id or name. */
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Figure"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "figures.put": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `fig_…`. */
                figure: string;
                /** @description The project's id or name. */
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FigureChange"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Figure"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "figures.delete": {
        parameters: {
            query?: {
                /** @description Delete it only while it is at this revision. */
                revision?: number | null;
            };
            header?: never;
            path: {
                /** @description `fig_…`. */
                figure: string;
                /** @description The project's id or name. */
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "processes.graph": {
        parameters: {
            query?: {
                /** @description How many processes at most, newest first (1 to 5000, 5000 unless told). */
                limit?: number | null;
            };
            header?: never;
            path: {
                /** @description Project, by name or id. */
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Flow"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "layouts.list": {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string | null;
                /** @description How many entries at most (1 to 500, 100 unless told). */
                limit?: number | null;
            };
            header?: never;
            path: {
                /** @description The project's id or name. */
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfLayout"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "layouts.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The layout's name. */
                name: string;
                /** @description The project's id or name. */
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Layout"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "layouts.put": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The layout's name. */
                name: string;
                /** @description The project's id or name. */
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutLayout"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Layout"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "layouts.delete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The layout's name. */
                name: string;
                /** @description The project's id or name. */
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "ledger.show": {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string | null;
                /** @description How many entries at most (1 to 500, 100 unless told). */
                limit?: number | null;
            };
            header?: never;
            path: {
                /** @description The project's id or name. */
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LedgerView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "members.list": {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string | null;
                /** @description How many entries at most (1 to 500, 100 unless told). */
                limit?: number | null;
            };
            header?: never;
            path: {
                /** @description The project's id or name. */
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfMember"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "members.put": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The project's id or name. */
                project: string;
                /** @description The user's id or name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMember"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "members.remove": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The project's id or name. */
                project: string;
                /** @description The user's id or name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "roles.list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items2"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "roles.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRole"];
            };
        };
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "roles.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The role's name. */
                role: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "roles.delete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The role's name. */
                role: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "roles.update": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The role's name. */
                role: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RolePatch"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "services.list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Services"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "services.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name of the service. */
                service: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceDetail"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "account.sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "account.end_session": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The session's id. */
                session: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "setup.show": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SetupState"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "setup.complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetUp"];
            };
        };
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Welcome"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "platform.status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "storage.keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewKey2"];
            };
        };
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownKey"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "tokens.list": {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string | null;
                /** @description Everybody's tokens instead of one's own (needs `tokens.view`). */
                all?: boolean;
                /** @description How many entries at most (1 to 500, 100 unless told). */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfToken"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "tokens.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewToken"];
            };
        };
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedToken"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "tokens.revoke": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The token's id. */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "units.list": {
        parameters: {
            query?: {
                /** @description How many at most (1 to 5000, 500 unless told). */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Units"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "uploads.list": {
        parameters: {
            query: {
                /** @description The `next` of the page before, in the same order. */
                after?: string | null;
                /** @description How many at most (1 to 500, 100 unless told). */
                limit?: number | null;
                /** @description Only those whose media type begins with one of these (`media_type=text/csv&media_type=image/`, at most 8). */
                media_type?: string[];
                /** @description Only those whose name contains this, whatever the case. */
                name?: string | null;
                /** @description The project, by name or id. */
                project: string;
                /** @description The order; oldest first unless told. */
                sort?: "created_at" | "-created_at" | "name" | "-name" | "size" | "-size";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfUpload"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "uploads.put": {
        parameters: {
            query: {
                /** @description Its name there; may have folders. */
                name: string;
                /** @description The project, by name or id. */
                project: string;
                /** @description Whether an upload of this name may be replaced. */
                replace?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "uploads.begin": {
        parameters: {
            query?: {
                /** @description The project, by name or id. */
                project?: string | null;
                /** @description Whether an upload of this name may be replaced. */
                replace?: boolean | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "uploads.options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "uploads.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `up_…` or `ds_…`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "uploads.delete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `up_…` or `ds_…`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "uploads.progress": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `up_…` or `ds_…`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "uploads.append": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `up_…` or `ds_…`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "uploads.content": {
        parameters: {
            query?: {
                /** @description `json` for a table as an array of objects, `csv` for a table as it is; as stored unless told. */
                as?: string | null;
                /** @description Whether to ask the browser to save it. */
                download?: boolean;
            };
            header?: never;
            path: {
                /** @description `up_…` or `ds_…`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "uploads.grid": {
        parameters: {
            query?: {
                /** @description For tables with one row for each node: the column that says the node's column (x). */
                column?: string | null;
                /** @description The most values of the answer (4 to 1,000,000, 250,000 unless told). */
                points?: number | null;
                /** @description For tables with one row for each node: the column that says the node's row (y). */
                row?: string | null;
                /** @description For tables with one row for each node: the column of the values. */
                value?: string | null;
            };
            header?: never;
            path: {
                /** @description `up_…` or `ds_…`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Grid"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "uploads.preview": {
        parameters: {
            query?: {
                /** @description Rows of a table at most (1 to 1000, 20 unless told). */
                rows?: number | null;
            };
            header?: never;
            path: {
                /** @description `up_…` or `ds_…`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preview"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "uploads.series": {
        parameters: {
            query?: {
                /** @description Only rows whose x is not below this: a number, or a time (ISO 8601) where x holds times. */
                from?: string | null;
                /** @description The most rows of the answer (10 to 100,000, 2,000 unless told). */
                points?: number | null;
                /** @description Only rows whose x is not above this. */
                to?: string | null;
                /** @description The column of the horizontal axis, by its heading; the rows' numbers when absent. */
                x?: string | null;
                /** @description The columns of the vertical axis, by their headings (`y=a&y=b`, at most 20). */
                y?: string[];
            };
            header?: never;
            path: {
                /** @description `up_…` or `ds_…`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Series"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "users.list": {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string | null;
                /** @description How many entries at most (1 to 500, 100 unless told). */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfUser"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "users.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "users.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user's id or name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "users.delete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user's id or name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "users.update": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user's id or name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserPatch"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "workspaces.orphans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceOrphans"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "workspaces.end_orphan": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The unit. */
                unit: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "workspaces.adopt": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The unit. */
                unit: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AdoptOrphan"];
            };
        };
        responses: {
            /** @description the answer */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "workspaces.list": {
        parameters: {
            query?: {
                /** @description Everybody's, for those who look after the installation. */
                all?: boolean;
                /** @description Only those of this project, by name or id. */
                project?: string | null;
                /** @description Only those in this state. */
                state?: ("stopped" | "queued" | "starting" | "ready" | "stopping" | "failed") | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workspaces"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "workspaces.open": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpenWorkspace"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "workspaces.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Workspace, by id or name. */
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "workspaces.delete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Workspace, by id or name. */
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "workspaces.rename": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Workspace, by id or name. */
                workspace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkspaceTitle"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "workspaces.health": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Workspace, by id or name. */
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthChronicle"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "workspaces.keep": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Workspace, by id or name. */
                workspace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeepFor"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "workspaces.logs": {
        parameters: {
            query?: {
                /** @description Only lines after this number. */
                after?: number | null;
                /** @description How many at most (1 to 5000, 500 unless told). */
                limit?: number | null;
                /** @description Which start of the workspace; the newest unless told. */
                run?: number | null;
                /** @description The last lines instead of the first. */
                tail?: boolean;
            };
            header?: never;
            path: {
                /** @description Workspace, by id or name. */
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceLogPage"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.volume_files": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace, by id or name. */
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeFiles"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "notebooks.open_file": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace, by id or name. */
                workspace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpenFile"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotebookView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "workspaces.progress": {
        parameters: {
            query?: {
                /** @description Goes on after the workspace is ready, until it has ended. */
                follow?: boolean;
                /** @description Whether the log lines come along; they do unless told. */
                no_log?: boolean;
            };
            header?: never;
            path: {
                /** @description Workspace, by id or name. */
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "workspaces.restart": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Workspace, by id or name. */
                workspace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StartAgain"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "workspaces.share": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The member of the project, by name or id. */
                user: string;
                /** @description Workspace, by id or name. */
                workspace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ShareAs"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "workspaces.unshare": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The member of the project, by name or id. */
                user: string;
                /** @description Workspace, by id or name. */
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "workspaces.start": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Workspace, by id or name. */
                workspace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StartAgain"];
            };
        };
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "workspaces.stop": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Workspace, by id or name. */
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceView"];
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "events.socket": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "platform.health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.root": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.version_slash": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.info": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.oauth_authorize": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.oauth_token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.services": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.whoami": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.users_create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.user": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.user_create": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.user_delete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.user_change": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.activity": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.server_default": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.server_default_start": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.server_default_stop": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.server_default_progress": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.server": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name. */
                server: string;
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.server_start": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name. */
                server: string;
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.server_stop": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name. */
                server: string;
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.server_progress": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name. */
                server: string;
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.tokens": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.token_create": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.token": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The token's id. */
                token: string;
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.token_revoke": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The token's id. */
                token: string;
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.health_page": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.home": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.spawn_page": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name. */
                server: string;
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.spawn": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name. */
                server: string;
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hub.user_redirect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "platform.metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description what failed and what to do */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
