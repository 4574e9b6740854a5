//! Self-assessments: the page of one department and year, and the overview of all. Departments stand as their titles
//! are sorted, never by their answers, and nothing is summed up.

use serde::Serialize;

use super::Viewpoint;
use super::parts::{Frame, Link, each_page_once};
use crate::portal::{Answer, Assessment, DepartmentId, PageId, Share, Target, Wait};
use crate::settings::Aspect;
use crate::skeleton::{Audience, Writer};

/// Where the overview is in the site.
pub const ASSESSMENTS: &str = "assessments/index.html";

/// `assessments/index.html`.
#[derive(Clone, Debug, Serialize)]
pub struct AssessmentsView {
    frame: Frame,
    title: String,
    /// The years of which there is an assessment, the newest first.
    years: Vec<String>,
    departments: Vec<AssessmentsRow>,
    /// What to add to a department's front matter.
    template: String,
}

#[derive(Clone, Debug, Serialize)]
struct AssessmentsRow {
    department: Link,
    /// Its assessment of each year.
    years: Vec<Option<Link>>,
}

/// `assessments/<department>-<year>.html`.
#[derive(Clone, Debug, Serialize)]
pub struct AssessmentView {
    frame: Frame,
    title: String,
    overview: String,
    answers: Vec<AnswerView>,
    previous: Option<Link>,
    next: Option<Link>,
}

/// A question with what the department answered, if it did.
#[derive(Clone, Debug, Serialize)]
struct AnswerView {
    key: &'static str,
    /// The question in the portal's own words, if it has some.
    question: Option<String>,
    answer: Option<Given>,
    before: Option<Before>,
    /// What the portal counts.
    figure: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Given {
    /// The key of the word for it.
    word: &'static str,
    number: String,
    /// The number as signs, five in all.
    signs: String,
    evidence: Vec<Link>,
    note: Option<String>,
}

/// The answer of the last year that has one.
#[derive(Clone, Debug, Serialize)]
struct Before {
    number: String,
    year: String,
}

/// An answer is one of so many.
const ANSWERS: usize = 5;

impl Viewpoint<'_> {
    /// The overview of all departments and years.
    pub fn assessments(&self) -> AssessmentsView {
        let portal = self.portal;
        let all = portal
            .departments()
            .flat_map(|id| &portal[id].assessments)
            .map(|assessment| assessment.year);
        let mut years: Vec<i16> = all.collect();
        years.sort_unstable_by(|a, b| b.cmp(a));
        years.dedup();
        let writer = Writer {
            portal,
            words: self.words,
            audience: Audience::Readers,
        };
        AssessmentsView {
            frame: self.frame(self.crumbs_section("departments"), None),
            title: self.word("assessments"),
            departments: portal
                .departments()
                .map(|id| self.assessments_row(id, &years))
                .collect(),
            years: years.iter().map(ToString::to_string).collect(),
            template: writer.assessment(),
        }
    }

    fn assessments_row(&self, id: DepartmentId, years: &[i16]) -> AssessmentsRow {
        let department = self.page_link(PageId::Department(id));
        let of_year = |year: &i16| {
            let assessment = self.portal.assessment(id, *year)?;
            Some(Link {
                title: format!("{} {year}", department.title),
                href: Some(self.here.href(&assessment.address)),
            })
        };
        AssessmentsRow {
            years: years.iter().map(of_year).collect(),
            department,
        }
    }

    /// The assessments of a department, the newest first.
    pub(super) fn assessment_links(&self, id: DepartmentId) -> Vec<Link> {
        let assessments = self.portal[id].assessments.iter().rev();
        assessments
            .map(|assessment| self.assessment_link(assessment))
            .collect()
    }

    fn assessment_link(&self, assessment: &Assessment) -> Link {
        Link {
            title: assessment.year.to_string(),
            href: Some(self.here.href(&assessment.address)),
        }
    }

    /// How a department sees itself in a year.
    pub fn assessment(&self, id: DepartmentId, year: i16) -> AssessmentView {
        let all = &self.portal[id].assessments;
        let at = all.partition_point(|assessment| assessment.year < year);
        let (before, assessment) = (&all[..at], &all[at]);
        let department = PageId::Department(id);
        let link = self.page_link(department);
        let values = [("x", link.title.as_str()), ("y", &year.to_string())];
        let title = self.words.fill("assessment_of", None, &values);
        let mut crumbs = self.crumbs_section("departments");
        crumbs.push(link.clone());
        AssessmentView {
            frame: self.frame(crumbs, Some(department)),
            title: title.unwrap_or_default(),
            overview: self.href(ASSESSMENTS),
            answers: Aspect::ALL
                .iter()
                .map(|(_, aspect)| self.answer_view(*aspect, assessment, before))
                .collect(),
            previous: before.last().map(|previous| self.assessment_link(previous)),
            next: all.get(at + 1).map(|next| self.assessment_link(next)),
        }
    }

    fn answer_view(
        &self,
        aspect: Aspect,
        assessment: &Assessment,
        before: &[Assessment],
    ) -> AnswerView {
        let mut earlier = before.iter().rev();
        let before = earlier.find_map(|earlier| {
            let answer = earlier.answer(aspect)?.answer;
            Some(Before {
                number: answer.to_string(),
                year: earlier.year.to_string(),
            })
        });
        AnswerView {
            key: aspect.key(),
            question: self.portal.settings.question(aspect).map(str::to_owned),
            answer: assessment.answer(aspect).map(|answer| self.given(answer)),
            before,
            figure: self.figure(aspect, assessment),
        }
    }

    fn given(&self, answer: &Answer) -> Given {
        let number = usize::from(answer.answer);
        Given {
            word: answer_word(answer.answer),
            number: answer.answer.to_string(),
            signs: "●".repeat(number) + &"○".repeat(ANSWERS.saturating_sub(number)),
            evidence: self.evidence(answer),
            note: answer.note.clone(),
        }
    }

    /// What shows an answer, each page once: two people of one department are not told to be two.
    pub(super) fn evidence(&self, answer: &Answer) -> Vec<Link> {
        let links = answer.evidence.iter();
        let mut links = links
            .filter_map(|target| self.evidence_link(target))
            .collect();
        each_page_once(&mut links, |_| true);
        links
    }

    fn evidence_link(&self, target: &Target) -> Option<Link> {
        match target {
            Target::Page(page, _) => Some(self.page_link(*page)),
            Target::Entry(entry, _) => {
                let link = self.entry_link(*entry);
                let date = self.date_in_table(self.portal[*entry].date);
                Some(Link {
                    title: format!("{} ({date})", link.title),
                    ..link
                })
            }
            _ => None,
        }
    }

    /// What the portal counts beside a question, in a sentence that says what was counted.
    fn figure(&self, aspect: Aspect, assessment: &Assessment) -> Option<String> {
        let figures = assessment.figures.as_ref()?;
        match aspect {
            Aspect::Goals => self.figure_of_goals(figures.goals, assessment.year),
            Aspect::Answers => self.figure_of_answers(figures.answers, assessment.year),
            Aspect::Complaints => self.figure_of_complaints(figures.complaints, assessment.year),
            _ => None,
        }
    }

    fn figure_of_goals(&self, goals: Option<Share>, year: i16) -> Option<String> {
        let day = self.date_in_text(self.portal.last_day_of(year));
        let Some(Share { part, whole }) = goals else {
            return self.words.fill("no_figure_goals", None, &[("d", &day)]);
        };
        let slack = self.portal.settings.slack_days.to_string();
        let values = [("m", &*self.count(part)), ("d", &day), ("s", &slack)];
        self.words.fill("figure_goals", Some(whole), &values)
    }

    fn figure_of_answers(&self, answers: Option<Wait>, year: i16) -> Option<String> {
        let year = year.to_string();
        let Some(Wait { answered, days }) = answers else {
            return self.words.fill("no_figure_answers", None, &[("y", &year)]);
        };
        let values = [("m", &*self.count(answered.part)), ("y", &year)];
        let answered = self
            .words
            .fill("figure_answers", Some(answered.whole), &values)?;
        let Some(days) = days else {
            return Some(answered);
        };
        let days = self.words.fill("days", Some(days), &[])?;
        let took = self
            .words
            .fill("figure_answers_days", None, &[("d", &days)])?;
        Some(format!("{answered} {took}"))
    }

    fn figure_of_complaints(&self, complaints: Option<Share>, year: i16) -> Option<String> {
        let year = year.to_string();
        let Some(Share { part, whole }) = complaints else {
            return self
                .words
                .fill("no_figure_complaints", None, &[("y", &year)]);
        };
        let values = [("m", &*self.count(part)), ("y", &year)];
        self.words.fill("figure_complaints", Some(whole), &values)
    }
}

/// The key of the word for an answer.
fn answer_word(answer: u8) -> &'static str {
    match answer {
        1 => "answer_not_yet",
        2 => "answer_seldom",
        3 => "answer_in_part",
        4 => "answer_mostly",
        _ => "answer_always",
    }
}
