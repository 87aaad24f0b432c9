/** Who is ahead: boards, what counts of mine, challenges and teams, each at an address of its own. */
import { Link, Route, Switch } from "wouter";
import { BoardPage } from "./board-page.tsx";
import { ChallengePage } from "./challenge-page.tsx";
import { ChallengesPage } from "./challenges-page.tsx";
import { CountsPage } from "./counts-page.tsx";
import { TeamPage } from "./team-page.tsx";
import { TeamsPage } from "./teams-page.tsx";
import "./leaderboard.css";

export default function LeaderboardPage() {
  return (
    <Switch>
      <Route path="/leaderboard" component={BoardPage} />
      <Route path="/leaderboard/mine" component={CountsPage} />
      <Route path="/leaderboard/challenges" component={ChallengesPage} />
      <Route path="/leaderboard/challenges/:id" component={ChallengePage} />
      <Route path="/leaderboard/teams" component={TeamsPage} />
      <Route path="/leaderboard/teams/:id" component={TeamPage} />
      <Route>
        <h1>There is no such page</h1>
        <p>
          <Link href="/leaderboard">To the leaderboard</Link>
        </p>
      </Route>
    </Switch>
  );
}
